"""The end state of a cluster, as somebody who knows pyinfra would describe it. Nothing is proven."""

from io import StringIO

from pyinfra import config, host
from pyinfra.facts.server import Command
from pyinfra.operations import files, mysql, server, systemd

config.SUDO = True

data = host.data
is_web = "web" in host.groups

server.group(name="HRM's group", group=data.group, system=True)
server.user(
    name="HRM's account", user=data.user, group=data.group, home=data.home, shell="/bin/bash", system=True, create_home=True
)

for folder in data.folders:
    files.directory(name=folder["path"], path=folder["path"], user=folder["owner"], group=folder["group"], mode=folder["mode"])

written = {
    file["path"]: files.put(
        name=file["path"],
        src=StringIO(file["content"]),
        dest=file["path"],
        user=file["owner"],
        group=file["group"],
        mode=file["mode"],
    )
    for file in data.files
}

if is_web:
    files.link(
        name="HRM's inner folders are closed",
        path="/etc/apache2/conf-enabled/pulumi-hrm.conf",
        target="../conf-available/pulumi-hrm.conf",
    )
    server.user(name="the web server reads HRM's files", user=data.web_user, groups=[data.group], append=True)

    mysql.database(name="HRM's database", database=data.db_name, charset="utf8")
    mysql.user(name="HRM's database user", user=data.db_user, password=data.db_password)
    mysql.privileges(name="its rights", user=data.db_user, privileges=data.db_privileges, database=data.db_name)
    # As long as there is no database, there is no answer.
    revision = host.get_fact(Command, f"{data.ask} \"SELECT value FROM global_variables WHERE name = 'dbrevision'\" 2>/dev/null || :")
    if "".join(revision or []) != data.revision:
        server.shell(name="HRM's schema", commands=data.make_schema)

    files.file(name="HRM's log", path=data.log_file, user=data.user, group=data.group, mode="664")

    rows = host.get_fact(Command, f'{data.ask} "SELECT name, huscript_path, gpuId FROM server ORDER BY name" 2>/dev/null || :')
    if sorted(filter(None, rows or [])) != sorted("\t".join(row) for row in data.rows):
        server.shell(name="server rows", commands=[data.put_rows])

    systemd.service(
        name="the queue manager is enabled and runs",
        service="hrmd.service",
        running=True,
        enabled=True,
        daemon_reload=written["/etc/systemd/system/hrmd.service"].will_change,
    )
