// `node scripts/run.mjs PROGRAM ARGUMENTS`: sets the clone up, then runs dist/PROGRAM.js.
import { createRequire } from "node:module";
import { setUp } from "./setup.mjs";

const [program, ...args] = process.argv.slice(2);
setUp();
const require = createRequire(import.meta.url);
process.argv = [process.argv[0], require.resolve(`../dist/${program}.js`), ...args];
require(`../dist/${program}.js`);
