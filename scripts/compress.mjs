// `npm run build`: each file of lib/steps as hosts get it, compressed, beside its text. Once, and by fflate, so that the bytes are those of this version of the
// library, wherever it runs: zlib's, as Node.js has it, differ between its versions and between processors, and a state or a saved plan of another machine would
// have another text.
import { readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync, strToU8 } from "fflate";

const compiled = resolve(process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), "dist/lib"));
const { fileVariable } = createRequire(import.meta.url)(join(compiled, "hosts/stepText.js"));

const steps = join(compiled, "steps");
for (const file of readdirSync(steps).filter(name => name.endsWith(".sh"))) {
    const name = basename(file, ".sh");
    writeFileSync(join(steps, `${name}.gz`), gzipSync(strToU8(`${fileVariable(name)}\n`), { level: 9, mtime: 0 }));
}
