#!/usr/bin/env node
// The entry from source: Node.js runs the TypeScript itself, nothing is built.
import { main } from "../src/main.ts";

await main(process.argv.slice(2), { source: true });
