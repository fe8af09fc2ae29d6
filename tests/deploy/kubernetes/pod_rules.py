"""What must hold of each pod: its settings, files, probes, clocks, room and rights."""
from manifests import container_of, cores_of, name_of, pod_of, quantity, role_of, seconds

LAST_WORDS = 1  # seconds beyond SHUTDOWN_TIMEOUT at which goloca ends itself, rounded up
DNS_CACHE = 30  # seconds for which others keep a name, as CoreDNS mostly has it
FILES = ('LINK_CERTIFICATE', 'LINK_KEY', 'LINK_AUTHORITY', 'DATABASE_URL_FILE')


def knows_every_setting(m, facts):
    for each in m.workloads():
        for key in m.settings_of(each):
            if key.removesuffix('_FILE') not in facts.settings:
                yield f'{name_of(each)}: {key} is no setting'
        if m.settings_of(each).get('ROLE') != role_of(each):
            yield f'{name_of(each)}: ROLE is not {role_of(each)}'
        names = {entry['name']: entry for entry in container_of(each).get('env', [])}
        for key in names.keys() - facts.settings.keys():
            yield f'{name_of(each)}: {key} is no setting'
        if names.get('NODE_NAME', {}).get('valueFrom') != {'fieldRef': {'fieldPath': 'metadata.name'}}:
            yield f'{name_of(each)}: NODE_NAME is not the name of the pod'
    if len({m.settings_of(each).get('CLUSTER') for each in m.workloads()}) != 1:
        yield 'CLUSTER differs between edges and writers'


def lets_no_machine_size_it(m, _):
    """Of its own accord goloca counts the machine's cores."""
    for each in m.workloads():
        if not 1 <= int(m.settings_of(each).get('IO_THREADS', 0)) <= cores_of(each):
            yield f'{name_of(each)}: IO_THREADS is not 1 to {cores_of(each):g}, the cores of the pod'
        if m.settings_of(each).get('IO_POLL_MICROSECONDS') != '0':  # it would count as work, for its limit and the scaler
            yield f'{name_of(each)}: IO_POLL_MICROSECONDS is not 0'


def mounts_the_files_of_its_settings(m, _):
    for each in m.workloads():
        there, settings = m.files_of(each), m.settings_of(each)
        if there.get(container_of(each)['args'][-1]) is None:
            yield f'{name_of(each)}: its settings are a file that nothing mounts'
        for key in FILES:
            if key in settings and settings[key] not in there:
                yield f'{name_of(each)}: {key} is a file that nothing mounts'
        volumes = {volume['name'] for volume in pod_of(each).get('volumes', [])}
        for mount in container_of(each).get('volumeMounts', []):
            if mount['name'] not in volumes:
                yield f"{name_of(each)}: there is no volume {mount['name']}"
            if 'subPath' in mount:
                yield f"{name_of(each)}: what is renewed in {mount['name']} would not come in by a subPath"


def probes_what_is_served(m, facts):
    for each in m.workloads():
        container = container_of(each)
        wanted = {'startupProbe': '/healthz', 'livenessProbe': '/healthz', 'readinessProbe': '/readyz'}
        for probe, path in wanted.items():
            get = container[probe]['httpGet']
            if get['path'] not in facts.operators_paths:
                yield f"{name_of(each)}: {probe} asks for {get['path']}, which is not served to operators"
            elif get['path'] != path:
                yield f'{name_of(each)}: {probe} asks for another path than {path}'
            if get['port'] != 'admin':
                yield f'{name_of(each)}: {probe} goes in by a port that may be full'
    for each in m.of('PodMonitor'):
        for end in each['spec']['podMetricsEndpoints']:
            if end['path'] not in facts.operators_paths:
                yield f"{name_of(each)}: {end['path']} is not served to operators"


def ends_in_time(m, facts):
    for each in m.workloads():
        settings = facts.settings | m.settings_of(each)
        hook = container_of(each).get('lifecycle', {}).get('preStop', {}).get('sleep', {}).get('seconds', 0)
        end, delay, request = (seconds(settings[key]) for key in ('SHUTDOWN_TIMEOUT', 'DRAIN_DELAY', 'REQUEST_TIMEOUT'))
        if pod_of(each)['terminationGracePeriodSeconds'] < hook + end + LAST_WORDS:
            yield f'{name_of(each)}: it is killed before SHUTDOWN_TIMEOUT is over'
        if end < delay + request:
            yield f'{name_of(each)}: SHUTDOWN_TIMEOUT is not enough for DRAIN_DELAY and REQUEST_TIMEOUT'
        probe = container_of(each)['readinessProbe']
        if role_of(each) == 'edge' and delay <= probe['periodSeconds'] * probe['failureThreshold']:
            yield f'{name_of(each)}: its listener is closed before its readiness probe has failed'
    for each in m.of('StatefulSet'):
        edges = [facts.settings | m.settings_of(edge) for edge in m.of('Deployment')]
        known = DNS_CACHE + max(seconds(edge['WRITERS_REFRESH']) for edge in edges)
        if each['spec'].get('minReadySeconds', 0) < known:
            yield f'{name_of(each)}: the next is restarted before edges know this one, which takes {known:g} s'


def has_room(m, facts):
    for each in m.workloads():
        resources = container_of(each)['resources']
        if resources['requests'] != resources['limits']:
            yield f'{name_of(each)}: it asks for less than 90 % is taken of'
        settings = facts.settings | m.settings_of(each)
        least = 2 * quantity(settings['MAX_BUFFERED_BYTES']) if role_of(each) == 'edge' else 0
        if quantity(resources['limits']['memory']) < least:
            yield f'{name_of(each)}: its memory is less than twice MAX_BUFFERED_BYTES'


def confines_its_pods(m, facts):
    for each in m.workloads():
        pod, container = pod_of(each), container_of(each)
        if pod['securityContext'] != dict(runAsNonRoot=True, runAsUser=facts.user, runAsGroup=facts.user,
                                          fsGroup=facts.user, seccompProfile=dict(type='RuntimeDefault')):
            yield f"{name_of(each)}: it does not run as the image's user, which is {facts.user}, confined"
        if container['securityContext'] != dict(allowPrivilegeEscalation=False, readOnlyRootFilesystem=True,
                                                capabilities=dict(drop=['ALL'])):
            yield f'{name_of(each)}: its container may do more than it needs'
        if pod.get('automountServiceAccountToken') is not False:
            yield f'{name_of(each)}: it has a token of the API, and no use for it'
        if pod.get('enableServiceLinks') is not False:
            yield f'{name_of(each)}: variables of Services may be taken for settings'
        if container['image'] != f'goloca:{facts.version}':
            yield f"{name_of(each)}: its image is {container['image']}, not goloca:{facts.version}"
    for each in m.of('Namespace'):
        if each['metadata']['labels'].get('pod-security.kubernetes.io/enforce') != 'restricted':
            yield f'{name_of(each)}: it takes pods that are not confined'


RULES = (knows_every_setting, lets_no_machine_size_it, mounts_the_files_of_its_settings, probes_what_is_served,
         ends_in_time, has_room, confines_its_pods)
