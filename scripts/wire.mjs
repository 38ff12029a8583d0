// Writes src/api/wire.ts from the server's OpenAPI document.
//   node scripts/wire.mjs openapi.json           (or - for standard input)
//   node scripts/wire.mjs openapi.json --check   (fails when the committed file is stale)
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const TARGET = new URL('../src/api/wire.ts', import.meta.url);
const HEAD =
  "// Made from the server's OpenAPI document by `jlpm wire`; do not edit.\n";

const [source = '-', flag] = process.argv.slice(2);
const document = JSON.parse(readFileSync(source === '-' ? 0 : source, 'utf8'));
const ast = await openapiTS(document, {
  defaultNonNullable: false,
  rootTypes: true,
  rootTypesNoSchemaPrefix: true
});
const text = HEAD + astToString(ast);

if (flag === '--check') {
  if (readFileSync(TARGET, 'utf8') !== text) {
    console.error('src/api/wire.ts is stale: run `jlpm wire`.');
    process.exit(1);
  }
} else {
  writeFileSync(TARGET, text);
}
