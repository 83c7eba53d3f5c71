"""pyinfra's inventory, out of the one for Ansible that the bench writes."""

import json
import os

with open(os.environ["PEERS_INVENTORY"], encoding="utf-8") as file:
    everything = json.load(file)["all"]

shared = everything["vars"]


def group(name):
    """Ansible's names of what is needed to log in, in pyinfra's words; the rest is the same for both."""
    return [
        (
            host,
            {
                "ssh_hostname": values["ansible_host"],
                "ssh_user": shared["ansible_user"],
                "ssh_key": shared["ansible_ssh_private_key_file"],
                "ssh_known_hosts_file": shared["known_hosts"],
                "ssh_strict_host_key_checking": "yes",
                **shared,
                **values,
            },
        )
        for host, values in everything["children"][name]["hosts"].items()
    ]


web = group("web")
nodes = group("nodes")
