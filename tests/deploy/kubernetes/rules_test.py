"""The manifests as they are keep every rule; broken on purpose, one place at a time, each breach is found."""
import copy
import unittest

import manifests
import rules
from manifests import container_of, pod_of

MANIFESTS, FACTS = manifests.read_manifests(), manifests.read_facts()


class Manifests(unittest.TestCase):
    def test_keep_the_rules(self):
        self.assertEqual('\n'.join(rules.faults(MANIFESTS, FACTS)), '')


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if rules.faults(MANIFESTS, FACTS):
            raise unittest.SkipTest('the manifests are broken already')

    def refuses(self, expected, break_it):
        """It is said in the words before the first |; those behind are for its consequences. Nothing else is said."""
        broken = copy.deepcopy(MANIFESTS)
        break_it(broken)
        found = rules.faults(broken, FACTS)
        self.assertRegex('\n'.join(found), expected.split('|')[0])
        for fault in found:
            self.assertRegex(fault, expected)

    def test_read_the_tree(self):
        self.assertIn('/readyz', FACTS.operators_paths)
        self.assertNotIn('/ws', FACTS.operators_paths)
        self.assertLessEqual({'goloca_queue_size', 'process_cpu_seconds_total'}, FACTS.metrics)
        self.assertLessEqual({'ROLE', 'DATABASE_URL', 'LINK_ADDRESS'}, FACTS.settings.keys())

    def test_know_units(self):
        self.assertEqual([manifests.seconds(text) for text in ('250ms', '5', '5s', '2m')], [0.25, 5, 5, 120])
        self.assertEqual([manifests.quantity(text) for text in ('818m', '2', '1Gi', '8MiB')],
                         [0.818, 2, 1 << 30, 8 << 20])

    def test_find_a_file_that_is_not_applied(self):
        self.refuses('more.yaml is not in kustomization.yaml', lambda m: m.files.add('more.yaml'))

    def test_find_two_of_a_name(self):
        self.refuses('Issuer goloca-link is there twice',
                     lambda m: m.documents.append(m.named('Issuer', 'goloca-link')))

    def test_find_a_setting_that_goloca_does_not_have(self):
        self.refuses('WRITER is no setting', lambda m: set_in(edge(m), m, WRITER='goloca-writer:7420'))
        self.refuses('NODENAME is no setting|NODE_NAME is not',
                     lambda m: container_of(edge(m))['env'][0].update(name='NODENAME'))

    def test_find_a_role_at_the_wrong_place(self):
        self.refuses('Deployment goloca-edge: ROLE is not edge', lambda m: set_in(edge(m), m, ROLE='all'))

    def test_find_two_clusters(self):
        self.refuses('CLUSTER differs', lambda m: set_in(edge(m), m, CLUSTER='other'))

    def test_find_threads_for_a_machine(self):
        self.refuses('IO_THREADS is not 1 to 2', lambda m: set_in(edge(m), m, IO_THREADS='0'))

    def test_find_threads_that_look_out_for_work(self):
        self.refuses('Deployment goloca-edge: IO_POLL_MICROSECONDS is not 0',
                     lambda m: set_in(edge(m), m, IO_POLL_MICROSECONDS='200'))

    def test_find_a_secret_that_nobody_makes(self):
        self.refuses('there is no Secret goloca-postgres|nothing mounts',
                     lambda m: pod_of(writer(m))['volumes'][2]['secret'].update(secretName='goloca-postgres'))

    def test_find_settings_that_are_not_there(self):
        self.refuses('there is no ConfigMap goloca-edges|Deployment goloca-edge: |CLUSTER differs',
                     lambda m: pod_of(edge(m))['volumes'][0]['configMap'].update(name='goloca-edges'))

    def test_find_a_scaler_of_nothing(self):
        self.refuses('there is no Deployment goloca|replicas|acts at', lambda m: m.named(
            'HorizontalPodAutoscaler', 'goloca-edge')['spec']['scaleTargetRef'].update(name='goloca'))

    def test_find_replicas_that_each_apply_would_undo(self):
        self.refuses('StatefulSet goloca-writer: replicas', lambda m: writer(m)['spec'].update(replicas=3))

    def test_find_a_selector_of_other_pods(self):
        def point_at(component):
            return lambda m: m.named('Service', 'goloca')['spec']['selector'].update(
                {'app.kubernetes.io/component': component})
        self.refuses('Service goloca: its selector', point_at('edges'))
        self.refuses('Service goloca: no container declares clients', point_at('writer'))
        self.refuses('PodDisruptionBudget goloca-edge: its selector', lambda m: m.named(
            'PodDisruptionBudget', 'goloca-edge')['spec']['selector']['matchLabels'].pop('app.kubernetes.io/component'))

    def test_find_a_wrong_port(self):
        self.refuses('no container declares http', lambda m: m.named(
            'Service', 'goloca')['spec']['ports'][0].update(targetPort='http'))
        self.refuses('it declares .*8081|let in by 8080',
                     lambda m: container_of(edge(m))['ports'][0].update(containerPort=8081))
        self.refuses('it declares .*7420.*say .*7421', lambda m: set_in(writer(m), m, LINK_ADDRESS='0.0.0.0:7421'))
        self.refuses('WRITERS names port 7421', lambda m: set_in(edge(m), m, WRITERS='goloca-writer:7421'))
        self.refuses('goloca, which is no headless', lambda m: set_in(edge(m), m, WRITERS='goloca:7420'))
        self.refuses('ADMIN_ADDRESS is not reached', lambda m: set_in(edge(m), m, ADMIN_ADDRESS='127.0.0.1:9180'))

    def test_find_a_door_that_is_shut_or_open(self):
        def policy(name, way):
            return lambda m: m.named('NetworkPolicy', name)['spec'][way][0]
        self.refuses('goloca-edge: it is let in by 8081, 9180, and listens on 8080, 9180', lambda m: policy(
            'goloca-edge', 'ingress')(m)['ports'][0].update(port=8081))
        self.refuses('goloca-writer: it is let out to 53, 5433', lambda m: policy(
            'goloca-writer', 'egress')(m)['ports'][0].update(port=5433))
        self.refuses('let out to Deployment goloca-edge, which has no link', lambda m: policy(
            'goloca-edge', 'egress')(m)['to'][0]['podSelector']['matchLabels'].update(
                {'app.kubernetes.io/component': 'edge'}))
        self.refuses('NetworkPolicy goloca-writer: it chooses no pods', lambda m: policy(
            'goloca-writer', 'ingress')(m)['from'][0]['podSelector']['matchLabels'].update(
                {'app.kubernetes.io/component': 'edges'}))
        self.refuses('no NetworkPolicy shuts', lambda m: m.documents.remove(m.named('NetworkPolicy', 'goloca-nobody')))

    def test_find_a_probe_of_what_is_not_served(self):
        def probe(name, **other):
            return lambda m: container_of(edge(m))[name]['httpGet'].update(other)
        self.refuses('/health, which is not served', probe('startupProbe', path='/health'))
        self.refuses('livenessProbe asks for another path', probe('livenessProbe', path='/readyz'))
        self.refuses('may be full', probe('livenessProbe', port='clients'))
        self.refuses('/ws is not served to operators', lambda m: m.named(
            'PodMonitor', 'goloca')['spec']['podMetricsEndpoints'][0].update(path='/ws'))

    def test_find_a_file_that_is_not_mounted(self):
        self.refuses('LINK_KEY is a file that nothing mounts',
                     lambda m: set_in(edge(m), m, LINK_KEY='/etc/tls.key'))
        self.refuses('there is no volume links|nothing mounts',
                     lambda m: container_of(edge(m))['volumeMounts'][1].update(name='links'))
        self.refuses('by a subPath', lambda m: container_of(edge(m))['volumeMounts'][0].update(subPath='tls.crt'))

    def test_find_an_end_that_comes_too_soon(self):
        self.refuses('killed before', lambda m: pod_of(edge(m)).update(terminationGracePeriodSeconds=25))
        self.refuses('killed before', lambda m: container_of(edge(m)).update(
            lifecycle=dict(preStop=dict(sleep=dict(seconds=10)))))
        self.refuses('not enough for DRAIN_DELAY', lambda m: set_in(edge(m), m, DRAIN_DELAY='20s'))
        self.refuses('before its readiness probe', lambda m: set_in(edge(m), m, DRAIN_DELAY='4s'))
        self.refuses('before edges know', lambda m: set_in(edge(m), m, WRITERS_REFRESH='1m'))

    def test_find_another_threshold_than_ninety_percent(self):
        def scaler(m):
            return m.named('HorizontalPodAutoscaler', 'goloca-edge')['spec']
        self.refuses('by goloca_connections_share it acts at 99.0%', lambda m: scaler(m)['metrics'][1]['pods'][
            'target'].update(averageValue='900m'))
        self.refuses('by goloca_cpu_cores it acts at 45.0%|asks for less', lambda m: container_of(edge(m))['resources'][
            'limits'].update(cpu='4'))
        self.refuses('not one more after a minute', lambda m: scaler(m)['behavior']['scaleUp'].update(
            stabilizationWindowSeconds=0))

    def test_find_a_figure_that_is_not_there(self):
        def rule(m):
            return m.adapter['rules']['external'][0]
        self.refuses('no external rule for goloca_queue_share|nobody asks for goloca_queue_part',
                     lambda m: rule(m)['name'].update({'as': 'goloca_queue_part'}))
        self.refuses('rests on goloca_queue_length, which goloca', lambda m: rule(m).update(
            metricsQuery=rule(m)['metricsQuery'].replace('goloca_queue_size', 'goloca_queue_length')))
        self.refuses('looks at all namespaces', lambda m: rule(m).update(
            metricsQuery=rule(m)['metricsQuery'].replace(',<<.LabelMatchers>>', '')))

    def test_find_too_little_memory(self):
        self.refuses('twice MAX_BUFFERED_BYTES', lambda m: set_in(edge(m), m, MAX_BUFFERED_BYTES='1GiB'))

    def test_find_a_pod_that_may_do_more(self):
        self.refuses("the image's user", lambda m: pod_of(edge(m))['securityContext'].update(runAsUser=1000))
        self.refuses('may do more',
                     lambda m: container_of(edge(m))['securityContext'].update(readOnlyRootFilesystem=False))
        self.refuses('token of the API', lambda m: pod_of(edge(m)).pop('automountServiceAccountToken'))
        self.refuses('taken for settings', lambda m: pod_of(edge(m)).pop('enableServiceLinks'))
        self.refuses('its image is goloca:latest', lambda m: container_of(edge(m)).update(image='goloca:latest'))

    def test_find_a_certificate_that_is_no_members(self):
        def spec(name):
            return lambda m: m.named('Certificate', name)['spec']
        self.refuses('its usages are not', lambda m: spec('goloca-link-edge')(m)['usages'].remove('client auth'))
        self.refuses("not of the links' authority", lambda m: spec('goloca-link-edge')(m)['issuerRef'].update(
            name='goloca-link-authority'))
        self.refuses('cut off',
                     lambda m: spec('goloca-link-authority')(m)['privateKey'].update(rotationPolicy='Always'))


def edge(m):
    return m.named('Deployment', 'goloca-edge')


def writer(m):
    return m.named('StatefulSet', 'goloca-writer')


def set_in(workload, m, **settings):
    made = m.named('ConfigMap', workload['metadata']['name'])['data']
    made['config.env'] += ''.join(f'{key}={value}\n' for key, value in settings.items())


if __name__ == '__main__':
    unittest.main()
