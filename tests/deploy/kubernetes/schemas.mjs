// Whether each document on standard input (a JSON array) is what its kind's schema in the API allows, member by member. The schemas
// are those in the npm packages of kubernetes_test.sh, compiled to functions by their authors.
//
//   node schemas.mjs NODE_MODULES <documents.json
//
// Then it breaks the documents, at every place in turn: a validator that lets a break pass is none.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const packages = {
  "cert-manager.io": "@kubernetes-models/cert-manager",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
};

async function schemaOf({ apiVersion, kind }) {
  const home = packages[apiVersion.split("/")[0]] ?? "kubernetes-models";
  const file = resolve(process.argv[2], home, apiVersion, `${kind}.js`);
  return (await import(pathToFileURL(file)))[kind].prototype.validate;
}

// The API drops a member that it does not know without a word, and the schemas' functions do not even look at one. So what
// they never looked at is what nobody knows.
function watched(value, path, unseen) {
  if (value === null || typeof value !== "object") return value;
  const inside = Array.isArray(value) ? [] : {};
  for (const key of Object.keys(value)) {
    inside[key] = watched(value[key], `${path}/${key}`, unseen);
    unseen.add(`${path}/${key}`);
  }
  return new Proxy(inside, {
    get(target, key) {
      unseen.delete(`${path}/${String(key)}`);
      return target[key];
    },
  });
}

function faults(document, validate) {
  const unseen = new Set();
  try {
    validate.call(watched(document, "", unseen));
  } catch (refusal) {
    return [refusal.message];
  }
  return [...unseen].map((path) => `${path} is nothing that the schema knows`);
}

const name = (document) => `${document.kind} ${document.metadata.name}`;

// Every object and every plain value in a document, as [path, holder, key].
function* places(holder, path = "") {
  for (const key of Object.keys(holder)) {
    yield [`${path}/${key}`, holder, key];
    if (typeof holder[key] === "object") yield* places(holder[key], `${path}/${key}`);
  }
}

const isObject = (value) => typeof value === "object" && !Array.isArray(value);

// [what was broken, the broken document]: a member too many in each object, and an object in place of each plain value.
function* broken(document) {
  const paths = [["", { document }, "document"], ...places(document)].map(([path]) => path);
  for (const path of paths) {
    const whole = { document: structuredClone(document) };
    const found = path === "" ? ["", whole, "document"] : [...places(whole.document)].find(([at]) => at === path);
    const [, holder, key] = found;
    if (/\/resources\/(limits|requests)$/.test(path)) continue; // of any name; the plain values in there are tried
    if (isObject(holder[key])) holder[key].nobodyKnowsThis = 1;
    else if (!Array.isArray(holder[key])) holder[key] = { nobodyWantsThis: 1 };
    else holder[key] = "no list";
    yield [path, whole.document];
  }
}

let found = 0;
let tried = 0;
const documents = JSON.parse(readFileSync(0, "utf8"));
for (const document of documents) {
  const validate = await schemaOf(document);
  for (const fault of faults(document, validate)) {
    ++found;
    console.error(`${name(document)}: ${fault}`);
  }
  for (const [path, wrong] of broken(document)) {
    ++tried;
    if (faults(wrong, validate).length > 0) continue;
    ++found;
    console.error(`${name(document)}: broken at ${path || "/"}, and no schema noticed`);
  }
}
console.log(`${documents.length} documents against their schemas, and broken at ${tried} places: ${found} faults`);
process.exitCode = found === 0 ? 0 : 1;
