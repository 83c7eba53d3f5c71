import pulumi
from hrm import HrmCluster

config = pulumi.Config()
admin = {"user": "admin", "privateKey": config.require_secret("adminKey")}

cluster = HrmCluster("hrm", {
    "web": {
        "host": "hrm.example.org",
        "connection": {**admin, "hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILFylylNpVsfAf1JQ5GXi1bXBwJBip3zuVZiGSrPOA0n"},
    },
    "nodes": {
        # Two GPUs: two rows in HRM's registry.
        "huygens1": {
            "connection": {
                **admin,
                "host": "192.0.2.11",
                "hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL03cUi6LjdzgRW7ghT3TpR4CwWKo/XCp7yi5IQqoTbf",
            },
            "gpus": [0, 1],
        },
        # No GPU: one row, for the CPU.
        "huygens2": {
            "connection": {
                **admin,
                "host": "192.0.2.12",
                "hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIy+QqXGU5/g3pKqIpPYLIOWSK6mPheWO9xafZb5FqkL",
            },
        },
    },
    "settings": {"emailAdmin": "hrm-admin@example.org"},
})

pulumi.export("url", cluster.url)
pulumi.export("publicKey", cluster.publicKey)
pulumi.export("servers", cluster.servers)
pulumi.export("adminPassword", cluster.adminPassword)
