"""What must hold for one more node to come at 90 %: targets, and figures that goloca gives."""
import re

from manifests import cores_of, name_of, quantity

TOLERANCE = 1.1  # of the HorizontalPodAutoscaler: it acts beyond a tenth
SHARE = 0.9


def figures_of(scaler):
    """(kind of rule, name, target) of each of its metrics."""
    for metric in scaler['spec']['metrics']:
        of = metric[metric['type'].lower()]
        target = of['target'].get('averageValue', of['target'].get('value'))
        yield {'Pods': 'custom', 'External': 'external'}[metric['type']], of['metric']['name'], quantity(target)


def scales_at_ninety_percent(m, _):
    for each in m.of('HorizontalPodAutoscaler'):
        spec = each['spec']
        workload = m.named(spec['scaleTargetRef']['kind'], spec['scaleTargetRef']['name'])
        for _, name, target in figures_of(each):
            full = cores_of(workload) if name.endswith('_cores') and workload else 1
            if abs(target * TOLERANCE / full - SHARE) > 0.001:
                yield f'{name_of(each)}: by {name} it acts at {target * TOLERANCE / full:.1%}'
        one = [dict(type='Pods', value=1, periodSeconds=60)]
        if spec['behavior']['scaleUp'] != dict(stabilizationWindowSeconds=60, policies=one):
            yield f'{name_of(each)}: it is not one more after a minute'
        if spec['behavior']['scaleDown']['stabilizationWindowSeconds'] < 300:
            yield f'{name_of(each)}: it takes a node away too soon'
        if spec['minReplicas'] < 2:
            yield f'{name_of(each)}: a single node is no cluster'


def has_figures_that_goloca_gives(m, facts):
    wanted = {(kind, name): name_of(each) for each in m.of('HorizontalPodAutoscaler')
              for kind, name, _ in figures_of(each)}
    rules = {(kind, rule['name']['as']): rule for kind, made in m.adapter['rules'].items() for rule in made}
    for kind, name in wanted.keys() - rules.keys():
        yield f'{wanted[kind, name]}: prometheus-adapter.yaml has no {kind} rule for {name}'
    for _, name in rules.keys() - wanted.keys():
        yield f'prometheus-adapter.yaml: nobody asks for {name}'
    for (_, name), rule in rules.items():
        for series in re.findall(r'\b(\w+)\{', rule['seriesQuery'] + rule['metricsQuery']):
            if series not in facts.metrics:
                yield f'prometheus-adapter.yaml: {name} rests on {series}, which goloca does not have'
        if any('<<.LabelMatchers>>' not in chosen for chosen in re.findall(r'\{[^}]*\}', rule['metricsQuery'])):
            yield f'prometheus-adapter.yaml: {name} looks at all namespaces'


RULES = (scales_at_ninety_percent, has_figures_that_goloca_gives)
