// `node scripts/run.mjs PROGRAM ARGUMENTS`: sets the clone up, then runs dist/PROGRAM.js, or of this folder PROGRAM.mjs.
import { createRequire } from "node:module";
import { setUp } from "./setup.mjs";

const [program, ...args] = process.argv.slice(2);
setUp();
const require = createRequire(import.meta.url);
const path = require.resolve(program.endsWith(".mjs") ? `./${program}` : `../dist/${program}.js`);
process.argv = [process.argv[0], path, ...args];
await import(path);
