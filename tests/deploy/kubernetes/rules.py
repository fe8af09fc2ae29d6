"""What must hold between the manifests, and between them and goloca: no schema knows it, and a cluster learns it late.

A rule is a function of the manifests and the facts that yields what is wrong, in words.
"""
import link_rules
import pod_rules
import scale_rules

RULES = pod_rules.RULES + link_rules.RULES + scale_rules.RULES


def faults(manifests, facts):
    return [fault for rule in RULES for fault in rule(manifests, facts)]
