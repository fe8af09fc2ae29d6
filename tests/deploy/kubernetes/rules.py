"""What must hold between the manifests, and between them and goloca: no schema knows it, and a cluster learns it late.

A rule is a function of the manifests and the facts that yields what is wrong, in words. pod_rules.py has those for each
pod, link_rules.py those between the documents, scale_rules.py those for one more node at 90 %.
"""
import link_rules
import pod_rules
import scale_rules

RULES = pod_rules.RULES + link_rules.RULES + scale_rules.RULES


def faults(manifests, facts):
    return [fault for rule in RULES for fault in rule(manifests, facts)]
