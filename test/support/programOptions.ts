import { join } from "node:path";

/** NODE_OPTIONS for Pulumi's programs. Of a stack its first line will do. */
export const programOptions = `--stack-trace-limit=1 --require "${join(__dirname, "../../lib/preload.js")}"`;
