// Plays what was once recorded with @civitai/client, in the same order, and tells what it saw.
import { register } from "node:module";

// The package imports its own files without their endings, which Node does not resolve by itself.
const hook = `export async function resolve(name, context, next) {
  for (const ending of ["", ".js", "/index.js"]) {
    try { return await next(name + ending, context); } catch (error) {
      if (ending === "/index.js" || !name.startsWith(".")) throw error;
    }
  }
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const [url, key] = process.argv.slice(2);
const {
  createCivitaiClient, submitWorkflow, getWorkflow, queryWorkflows, updateWorkflow, patchWorkflow,
  addWorkflowTag, removeWorkflowTag, removeAllWorkflowTags, getWorkflowStep, updateWorkflowStep,
  deleteWorkflow, invokeTextToImageStepTemplate, invokeImageGenStepTemplate, getResource,
  uploadConsumerBlob, getConsumerBlobUploadUrl,
} = await import("@civitai/client");

const client = createCivitaiClient({ baseUrl: url, auth: key });
const SDXL = "urn:air:sdxl:checkpoint:civitai:101055@128078";
const LORA = "urn:air:sdxl:lora:civitai:123456@789012";
const input = {
  model: SDXL, prompt: "a lighthouse", negativePrompt: "blurry", scheduler: "eulerA", steps: 25,
  cfgScale: 7, width: 1024, height: 1024, seed: 1234, clipSkip: 2, quantity: 2, batchSize: 1,
  additionalNetworks: { [LORA]: { strength: 0.8 } }, outputFormat: "jpeg",
};
const template = (prompt, more = {}) => ({
  steps: [{
    $type: "textToImage", name: "main", priority: "normal", timeout: "00:05:00", retries: 2,
    metadata: { note: "n" }, input: { ...input, prompt },
  }],
  tags: ["imageway", "req:0001"], metadata: { requestId: "0001" }, currencies: ["blue", "yellow"],
  allowMatureContent: false, upgradeMode: "manual", ...more,
});
const script = (fault) =>
  fetch(`${url}/_emulator/faults`, { method: "POST", body: JSON.stringify(fault) });

const seen = {};
const step = async (name, asked) => {
  const { data, error, response } = await asked;
  seen[name] = { status: response?.status ?? null, data: data ?? null, error: error ?? null };
  return data;
};

const submit = (name, body, query) => step(name, submitWorkflow({ client, body, query }));
const first = await submit("submit_wait0", template("a lighthouse", { externalId: "imageway-0001" }), { wait: 0 });
await submit("submit_again", template("a lighthouse", { externalId: "imageway-0001" }), { wait: 0 });
await submit("submit_whatif", template("a lighthouse"), { whatif: true });
await submit(
  "submit_partial",
  template("PARTIAL lighthouse", {
    externalId: "imageway-0002",
    callbacks: [{ url: "https://example.invalid/h", type: ["workflow:*", "step:*", "job:*"], detailed: true }],
    tips: { civitai: 0, creators: 0.25 },
  }),
  { wait: 30, hideMatureContent: true },
);
const path = { workflowId: first.id };
await step("get", getWorkflow({ client, path, query: { wait: 20, hideMatureContent: false } }));
await step("get_404", getWorkflow({ client, path: { workflowId: "nope" } }));
await step("query", queryWorkflows({
  client,
  query: { tags: ["imageway", "req:0001"], take: 10, fromDate: "2026-01-01T00:00:00Z", hideMatureContent: false },
}));
await step("add_tag", addWorkflowTag({ client, path, body: "new-tag" }));
await step("remove_tag", removeWorkflowTag({ client, path: { ...path, tag: "a b/c" } }));
await step("remove_all_tags", removeAllWorkflowTags({ client, path }));
await step("get_step", getWorkflowStep({ client, path: { ...path, stepName: "main" } }));
await step("update_step", updateWorkflowStep({ client, path: { ...path, stepName: "main" }, body: { metadata: { z: 1 } } }));
await step("cancel", updateWorkflow({ client, path, body: { status: "canceled" } }));
await step("release", updateWorkflow({ client, path, body: { allowMatureContent: true, metadata: { a: 1 }, tags: ["x"] } }));
await step("patch", patchWorkflow({
  client, path,
  body: [{ op: "add", path: "/metadata/x", value: 1 }, { op: "replace", path: "/status", value: "canceled" }],
}));
await step("delete", deleteWorkflow({ client, path }));
await step("recipe", invokeTextToImageStepTemplate({ client, body: { ...input, prompt: "x" } }));
await step("recipe_imagen", invokeImageGenStepTemplate({
  client, body: { engine: "google", model: "imagen4", prompt: "x", aspectRatio: "1:1", numImages: 2 },
}));
await step("resource", getResource({ client, path: { air: SDXL } }));
await step("upload", uploadConsumerBlob({ client, body: {} }));
await step("presign", getConsumerBlobUploadUrl({ client }));
for (const [name, fault] of [
  ["server_400", { fault: "not_found", status: 400 }], ["server_401", { fault: "bad_key" }],
  ["server_403", { fault: "forbidden" }], ["server_429", { fault: "rate_limited" }],
  ["server_502", { fault: "html" }],
]) {
  await script(fault);
  await submit(name, template("again"));
}
console.log(JSON.stringify(seen));
