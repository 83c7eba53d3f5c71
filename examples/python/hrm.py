"""The component as Python sees it. `pulumi package add ./node_modules/pulumi-hrm/plugin` makes such a module, with types for each argument."""

import pulumi


class HrmCluster(pulumi.ComponentResource):
    """A cluster of the Huygens Remote Manager. The arguments have the names of docs/hrm-cluster.md."""

    url: pulumi.Output[str]
    publicKey: pulumi.Output[str]
    adminPassword: pulumi.Output[str]
    servers: pulumi.Output[list]

    def __init__(self, name: str, args: dict, opts: pulumi.ResourceOptions | None = None):
        outputs = {"url": None, "publicKey": None, "adminPassword": None, "servers": None}
        super().__init__("hrm:index:HrmCluster", name, {**args, **outputs}, opts, remote=True)
