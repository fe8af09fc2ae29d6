"""What must hold between the documents: names, selectors, ports, doors and certificates."""
import re

from manifests import container_of, name_of, pod_of, ports_of, role_of

NAMES = 53  # DNS


def lists_every_file(m, _):
    listed = {file.split('=')[1] for made in m.kustomization['configMapGenerator'] for file in made['files']}
    listed.update(m.kustomization['resources'], ['kustomization.yaml', 'prometheus-adapter.yaml'])
    for name in m.files - listed:
        yield f'{name} is not in kustomization.yaml'
    names = [name_of(each) for each in m.documents]
    for name in {name for name in names if names.count(name) > 1}:
        yield f'{name} is there twice'


def refers_to_what_is_there(m, _):
    for each in m.workloads():
        for volume in pod_of(each).get('volumes', []):
            if 'configMap' in volume and not m.named('ConfigMap', volume['configMap']['name']):
                yield f"{name_of(each)}: there is no ConfigMap {volume['configMap']['name']}"
            if 'secret' in volume and volume['secret']['secretName'] not in m.secrets():
                yield f"{name_of(each)}: there is no Secret {volume['secret']['secretName']}"
        if each['kind'] == 'StatefulSet' and not m.named('Service', each['spec']['serviceName']):
            yield f"{name_of(each)}: there is no Service {each['spec']['serviceName']}"
    for each in m.of('HorizontalPodAutoscaler'):
        target = each['spec']['scaleTargetRef']
        if not m.named(target['kind'], target['name']):
            yield f"{name_of(each)}: there is no {target['kind']} {target['name']}"
    scaled = {each['spec']['scaleTargetRef']['name'] for each in m.of('HorizontalPodAutoscaler')}
    for each in m.workloads():
        if ('replicas' in each['spec']) == (each['metadata']['name'] in scaled):
            yield f'{name_of(each)}: replicas are to be set exactly where nothing scales'


def chooses_pods_that_are_there(m, _):
    for each in m.workloads():
        if m.chosen_by(each['spec']['selector']) != [each]:
            yield f'{name_of(each)}: its selector does not choose its own pods and no others'
        for constraint in pod_of(each).get('topologySpreadConstraints', []):
            if m.chosen_by(constraint['labelSelector']) != [each]:
                yield f'{name_of(each)}: a topologySpreadConstraint chooses other pods'
    for each in m.of('Service', 'PodDisruptionBudget'):
        if len(m.chosen_by(each['spec']['selector'])) != 1:
            yield f'{name_of(each)}: its selector does not choose the pods of one workload'
    for each in m.of('PodMonitor'):
        if m.chosen_by(each['spec']['selector']) != m.workloads():
            yield f'{name_of(each)}: its selector does not choose all pods'
    for each in m.of('NetworkPolicy'):
        rules = each['spec'].get('ingress', []) + each['spec'].get('egress', [])
        for selector in [each['spec']['podSelector'], *(peer for rule in rules for peer in own_peers(rule))]:
            if not m.chosen_by(selector):
                yield f'{name_of(each)}: it chooses no pods'


def own_peers(rule):
    """The selectors of pods of this namespace, on the other side of a NetworkPolicy's rule."""
    peers = rule.get('from', []) + rule.get('to', [])
    return [peer['podSelector'] for peer in peers if peer.keys() == {'podSelector'}]


def leads_to_ports_that_are_there(m, _):
    for each in m.workloads():
        ports = ports_of(each)
        for probe in ('startupProbe', 'livenessProbe', 'readinessProbe'):
            if container_of(each)[probe]['httpGet']['port'] not in ports:
                yield f'{name_of(each)}: {probe} goes to a port that it does not declare'
    for each in m.of('Service'):
        for port in each['spec']['ports']:
            if any(port['targetPort'] not in ports_of(chosen) for chosen in m.chosen_by(each['spec']['selector'])):
                yield f"{name_of(each)}: no container declares {port['targetPort']}"
    for each in m.of('PodMonitor'):
        for end in each['spec']['podMetricsEndpoints']:
            if any(end['port'] not in ports_of(chosen) for chosen in m.chosen_by(each['spec']['selector'])):
                yield f"{name_of(each)}: no container declares {end['port']}"


def port_in(address):
    return int(address.rsplit(':', 1)[1])


def listens_where_it_says(m, facts):
    """The numbers in the manifests are those of the settings."""
    for each in m.workloads():
        settings = facts.settings | m.settings_of(each)
        wanted = {'admin': port_in(settings['ADMIN_ADDRESS'])}
        if role_of(each) == 'edge':
            wanted['clients'] = int(settings['PORT'])
        else:
            wanted['link'] = port_in(settings['LINK_ADDRESS'])
        if ports_of(each) != wanted:
            yield f'{name_of(each)}: it declares {ports_of(each)}, its settings say {wanted}'
        for key in ('ADMIN_ADDRESS', 'LINK_ADDRESS'):
            if settings[key].startswith('127.'):
                yield f'{name_of(each)}: {key} is not reached from outside of the pod'
        for host, port in re.findall(r'([^:,]+):(\d+)', m.settings_of(each).get('WRITERS', '')):
            service = m.named('Service', host)
            if not service or service['spec'].get('clusterIP') != 'None':
                yield f'{name_of(each)}: WRITERS names {host}, which is no headless Service'
                continue
            for chosen in m.chosen_by(service['spec']['selector']):
                if ports_of(chosen).get('link') != int(port):  # behind a headless Service there is no other
                    yield f'{name_of(each)}: WRITERS names port {port}, where no writer listens'


def shuts_all_doors_but_these(m, facts):
    nobody = [each['spec'] for each in m.of('NetworkPolicy') if each['spec']['podSelector'] == {}]
    if nobody != [dict(podSelector={}, policyTypes=['Ingress', 'Egress'])]:
        yield 'no NetworkPolicy shuts in and out all that others do not allow'
    for each in m.workloads():
        policies = [policy['spec'] for policy in m.of('NetworkPolicy')
                    if each in m.chosen_by(policy['spec']['podSelector'])]
        into = numbers_in(policies, 'ingress')
        if into != set(ports_of(each).values()):
            yield f'{name_of(each)}: it is let in by {shown(into)}, and listens on {shown(ports_of(each).values())}'
        links = {ports_of(to)['link'] for to in m.workloads() if role_of(to) == 'writer'}
        wanted = {NAMES} | (links if role_of(each) == 'edge' else {int(facts.settings['DATABASE_PORT'])})
        out = numbers_in(policies, 'egress')
        if out != wanted:
            yield f'{name_of(each)}: it is let out to {shown(out)}, and needs {shown(wanted)}'
        for to in (to for spec in policies for rule in spec.get('egress', []) for peer in own_peers(rule)
                   for to in m.chosen_by(peer)):
            if role_of(to) != 'writer':
                yield f'{name_of(each)}: it is let out to {name_of(to)}, which has no link port'


def numbers_in(policies, way):
    return {port['port'] for spec in policies for rule in spec.get(way, []) for port in rule['ports']}


def shown(ports):
    return ', '.join(sorted(map(str, ports)))


def makes_members_as_the_script_does(m, facts):
    """deploy/link_certificates.sh, whose certificates the tests of the links have."""
    for each in m.of('Certificate'):
        spec = each['spec']
        issuer = m.named('Issuer', spec['issuerRef']['name'])
        if not issuer:
            yield f"{name_of(each)}: there is no Issuer {spec['issuerRef']['name']}"
            continue
        if (spec['privateKey']['algorithm'], spec['privateKey']['size']) != ('ECDSA', 256):
            yield f'{name_of(each)}: its key is another kind'
        if spec.get('isCA'):
            if spec['privateKey']['rotationPolicy'] != 'Never':
                yield f'{name_of(each)}: with a new key the authority would cut off whom it let in'
            continue
        authority = next((ca for ca in m.of('Certificate') if ca['spec'].get('isCA') and
                          ca['spec']['secretName'] == issuer['spec'].get('ca', {}).get('secretName')), None)
        if not authority:
            yield f"{name_of(each)}: it is not of the links' authority"
        if set(spec['usages']) != facts.usages:
            yield f"{name_of(each)}: its usages are not {', '.join(sorted(facts.usages))}"


RULES = (lists_every_file, refers_to_what_is_there, chooses_pods_that_are_there, leads_to_ports_that_are_there,
         listens_where_it_says, shuts_all_doors_but_these, makes_members_as_the_script_does)
