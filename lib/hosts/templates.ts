import * as fs from "node:fs";
import * as path from "node:path";
import Handlebars from "handlebars";
import { php, sh, systemd } from "./quote";

// Each target language has a helper that quotes; HTML escaping, Handlebars' default, would spoil all of them.
const handlebars = Handlebars.create();
handlebars.registerHelper({ php, sh, systemd });

export type TemplateName =
    | "active_directory_config.inc"
    | "ldap_config.inc"
    | "hrm_config.inc"
    | "hrm.conf"
    | "hrmd.service"
    | "logrotate"
    | "queue-manager-start.php"
    | "site.conf"
    | "node.ssh_config"
    | "node.known_hosts";

const compiled = new Map<TemplateName, Handlebars.TemplateDelegate>();

/** Renders `lib/templates/NAME.hbs`. Throws where the template names a value that is not given. */
export function renderTemplate(name: TemplateName, values: object): string {
    const template = compiled.get(name) ?? compile(name);
    compiled.set(name, template);
    return template(values);
}

function compile(name: TemplateName): Handlebars.TemplateDelegate {
    // Where a checkout or an archive has brought Windows line ends.
    const source = fs.readFileSync(path.join(__dirname, "..", "templates", `${name}.hbs`), "utf8").replaceAll("\r\n", "\n");
    return handlebars.compile(source, { noEscape: true, strict: true });
}
