"""The manifests as `kubectl kustomize` gives them, and what the tree says of goloca that they must agree with."""
import dataclasses
import json
import os
import re
import sys

import yaml

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FOLDER = os.path.join(TREE, 'deploy', 'kubernetes')
CERTIFICATE_KEYS = {'tls.crt', 'tls.key', 'ca.crt'}  # of a Secret that cert-manager makes
HANDMADE = {'goloca-database': {'url'}}  # of the Secret that kustomization.yaml tells people to make
WITHOUT_NAMESPACE = {'Namespace'}


@dataclasses.dataclass
class Manifests:
    documents: list  # with namespace, image tag and generated ConfigMaps, whose names bear no digest here
    adapter: dict  # the values for prometheus-adapter
    kustomization: dict
    files: set  # what lies in the folder

    def of(self, *kinds):
        return [each for each in self.documents if each['kind'] in kinds]

    def named(self, kind, name):
        return next((each for each in self.of(kind) if each['metadata']['name'] == name), None)

    def workloads(self):
        return self.of('Deployment', 'StatefulSet')

    def settings_of(self, workload):
        """What its pods read of their file: that of --config, in a ConfigMap."""
        path = container_of(workload)['args'][-1]
        return read_settings(self.files_of(workload).get(path, ''))

    def files_of(self, workload):
        """path → text of each file that is mounted; None: a Secret's."""
        sources = {}
        for volume in pod_of(workload).get('volumes', []):
            if 'configMap' in volume:
                sources[volume['name']] = (self.named('ConfigMap', volume['configMap']['name']) or {}).get('data', {})
            else:
                sources[volume['name']] = dict.fromkeys(self.secrets().get(volume['secret']['secretName'], ()))
        return {f"{mount['mountPath']}/{key}": text for mount in container_of(workload).get('volumeMounts', [])
                for key, text in sources.get(mount['name'], {}).items()}

    def secrets(self):
        """name → keys"""
        return {each['spec']['secretName']: CERTIFICATE_KEYS for each in self.of('Certificate')} | HANDMADE

    def chosen_by(self, selector):
        """The workloads whose pods have all of the selector's matchLabels, or of a Service's bare labels."""
        wanted = selector.get('matchLabels', {}) if selector.keys() <= {'matchLabels', 'matchExpressions'} else selector
        return [each for each in self.workloads() if wanted.items() <= labels_of(each).items()]


@dataclasses.dataclass
class Facts:
    settings: dict  # key → default, or example
    operators_paths: set  # GET, on ADMIN_ADDRESS
    metrics: set
    user: int  # of the image
    version: str
    usages: set  # of a link's certificate, as deploy/link_certificates.sh makes them


def name_of(document):
    return f"{document['kind']} {document['metadata']['name']}"


def labels_of(workload):
    return workload['spec']['template']['metadata']['labels']


def role_of(workload):
    return labels_of(workload)['app.kubernetes.io/component']


def pod_of(workload):
    return workload['spec']['template']['spec']


def container_of(workload):
    return pod_of(workload)['containers'][0]


def ports_of(workload):
    """name → number"""
    return {each['name']: each['containerPort'] for each in container_of(workload)['ports']}


def seconds(text):
    """A duration of goloca's."""
    number, unit = re.fullmatch(r'([\d.]+)(ms|s|m|h|)', text).groups()
    return float(number) * {'ms': 0.001, 's': 1, '': 1, 'm': 60, 'h': 3600}[unit]


def quantity(text):
    """A number of Kubernetes', or a size of goloca's."""
    number, unit = re.fullmatch(r'([\d.]+)(m|[KMG]i|[KMG]iB|)', str(text)).groups()
    powers = {'Ki': 1 << 10, 'Mi': 1 << 20, 'Gi': 1 << 30}
    return float(number) / 1000 if unit == 'm' else float(number) * powers.get(unit[:2], 1)


def cores_of(workload):
    return quantity(container_of(workload)['resources']['limits']['cpu'])


def read_text(*path):
    with open(os.path.join(TREE, *path), encoding='utf-8') as file:
        return file.read()


def read_settings(text):
    """A config.env without quotes, and with comments on lines of their own."""
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split('=', 1) for line in lines if line and not line.startswith('#'))


def tagged(document, images):
    if document['kind'] in ('Deployment', 'StatefulSet'):
        for container in pod_of(document)['containers']:
            for image in images:
                if container['image'] == image['name']:
                    container['image'] = f"{image.get('newName', image['name'])}:{image['newTag']}"
    return document


def read_manifests():
    kustomization = yaml.safe_load(read_text(FOLDER, 'kustomization.yaml'))
    documents = []
    for name in kustomization['resources']:
        documents += yaml.safe_load_all(read_text(FOLDER, name))
    for made in kustomization['configMapGenerator']:
        files = (file.split('=') for file in made['files'])
        data = {key: read_text(FOLDER, name) for key, name in files}
        documents.append(dict(apiVersion='v1', kind='ConfigMap', metadata=dict(name=made['name']), data=data))
    for each in documents:
        tagged(each, kustomization['images'])
        if each['kind'] not in WITHOUT_NAMESPACE:
            each['metadata']['namespace'] = kustomization['namespace']
    adapter = yaml.safe_load(read_text(FOLDER, 'prometheus-adapter.yaml'))
    return Manifests(documents, adapter, kustomization, set(os.listdir(FOLDER)))


def read_facts():
    routes = re.findall(r'entry\{"([^"]+)", "GET", route::\w+, listener::(\w+)\}', read_text('net', 'routes.cpp'))
    made = re.search(r'extendedKeyUsage=(\w+),(\w+)', read_text('deploy', 'link_certificates.sh')).groups()
    return Facts(
        settings=dict(re.findall(r'^#([A-Z_]+)=(.*)$', read_text('config.env'), re.MULTILINE)),
        operators_paths={path for path, listener in routes if listener != 'clients'},
        metrics=set(re.findall(r'"((?:goloca|process)_\w+)"', read_text('net', 'metrics.cpp'))),
        user=int(re.search(r'useradd .*--uid (\d+)', read_text('deploy', 'Dockerfile')).group(1)),
        version=re.search(r'^project\(goloca VERSION ([\d.]+)', read_text('CMakeLists.txt'), re.MULTILINE).group(1),
        usages={'digital signature'} | {each.replace('Auth', ' auth') for each in made})


if __name__ == '__main__':  # for schemas.mjs: the documents as JSON
    json.dump(read_manifests().documents, sys.stdout)
