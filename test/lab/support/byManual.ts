import type { Lab } from "../../../lab/lab";

/** HRM's own sample of a unit, with the name that the database's service has on Debian. */
const unit = `[Unit]
Description=HRM (Huygens Remote Manager) Queue Manager Service
Requires=mariadb.service
Wants=network-online.target
After=mariadb.service network.target network-online.target
[Service]
User=hrm
Group=hrm
UMask=0002
ExecStart=/var/www/html/hrm/bin/hrm_queuemanager --detach
Type=forking
PIDFile=/var/log/hrm/hrmd.pid
Restart=always
RestartSec=10
[Install]
WantedBy=multi-user.target
`;

const account = "groupadd --system hrm && useradd --system --gid hrm --create-home --shell /bin/bash hrm";
const tcl = "/var/www/html/hrm/scripts/hucore.tcl";

/** What somebody has done to the hosts who followed HRM's manual, found out what it leaves out, and runs jobs since. */
export async function makeByManual(lab: Lab, databasePassword: string): Promise<void> {
    const nodes = lab.nodes.map(({ name }) => name);
    await lab.run(
        "web",
        `set -e
        ${account}
        usermod --append --groups hrm www-data
        install -d -o hrm -g hrm -m 6775 /data/hrm_data /var/log/hrm
        install -o hrm -g hrm -m 0664 /dev/null /var/log/hrm/hrm.log
        mariadb -e "CREATE DATABASE hrm CHARACTER SET utf8; CREATE USER hrm@localhost IDENTIFIED BY '${databasePassword}'; GRANT ALL ON hrm.* TO hrm@localhost"
        cd /var/www/html/hrm
        sed "s/dbpasswd/${databasePassword}/" config/samples/hrm_config.inc.sample >config/hrm_config.inc
        cp config/samples/etc/hrm.conf.sample /etc/hrm.conf
        cd setup && runuser -u hrm -- php dbupdate.php
        mariadb hrm -e "UPDATE username SET password = '$(php -r 'echo password_hash("chosen by hand", PASSWORD_BCRYPT);')', status = 'a' WHERE name = 'admin'"
        runuser -u hrm -- sh -ec 'umask 077; mkdir ~/.ssh; ssh-keygen -q -t ed25519 -N "" -C by-hand -f ~/.ssh/id_ed25519
            ssh-keyscan -t ed25519 ${nodes.join(" ")} >~/.ssh/known_hosts 2>/dev/null'`,
    );
    const key = await lab.run("web", "cat ~hrm/.ssh/id_ed25519.pub");
    const content = await lab.run("web", `cat ${tcl}`);
    for (const node of nodes) {
        await lab.run(
            node,
            `set -e; ${account}
            install -d -o hrm -g hrm /data/hrm_data /var/www/html/hrm/scripts
            install -d -o hrm -g hrm -m 0700 /home/hrm/.ssh
            cat >/home/hrm/.ssh/authorized_keys; chown hrm:hrm /home/hrm/.ssh/authorized_keys`,
            { stdin: key },
        );
        await lab.run(node, `cat >${tcl}`, { stdin: content });
    }
    await lab.run("web", "cat >/etc/systemd/system/hrmd.service", { stdin: unit });
}

/** Registers servers and starts the queue manager. @param rows as SQL has them: `('huygens1 0', '/usr/local/bin/hucore', 0)` */
export async function serveByManual(lab: Lab, rows: string): Promise<void> {
    await lab.run("web", "mariadb hrm", { stdin: `DELETE FROM server; INSERT INTO server (name, huscript_path, gpuId) VALUES ${rows}` });
    await lab.run("web", "systemctl enable --quiet --now hrmd");
}
