// Plays what was once recorded with the older npm package, in the same order, and tells what it saw.
const [url, key] = process.argv.slice(2);
const { Civitai, Scheduler } = require("civitai");

const SD1 = "urn:air:sd1:checkpoint:civitai:4384@128713";
const SDXL = "urn:air:sdxl:checkpoint:civitai:101055@128078";
const usual = {
  prompt: "a lighthouse at dusk", negativePrompt: "blurry", scheduler: Scheduler.EULER_A, steps: 20,
  cfgScale: 7, width: 512, height: 512, clipSkip: 2,
};
const script = (fault) =>
  fetch(`${url}/_emulator/faults`, { method: "POST", body: JSON.stringify({ fault }) });

(async () => {
  const client = new Civitai({ auth: key });
  require("civitai/dist/core/OpenAPI.js").OpenAPI.BASE = url;
  const first = await client.image.fromText({ model: SD1, params: usual });
  const full = await client.image.fromText({
    model: SDXL, params: { prompt: "x", width: 1440, height: 1440, seed: 7 },
    additionalNetworks: { "urn:air:sdxl:lora:civitai:1@2": { strength: 0.8 } },
    quantity: 2, batchSize: 2, priority: 5, callbackUrl: "https://example.invalid/h", properties: { k: "v" },
  });
  const comfy = await client.image.fromComfy({
    params: { 3: { class_type: "KSampler", inputs: {} } },
  });
  const job = first.jobs[0].jobId;
  const byToken = await client.jobs.getByToken(first.token);
  const byId = await client.jobs.getById(job);
  const byQuery = await client.jobs.getByQuery({ properties: { k: "v" } }, true);
  const cancelled = await client.jobs.cancel(job);
  const models = await client.models.get([
    "urn:air:sd1:checkpoint:civitai:107842@275408", "urn:air:sd1:lora:civitai:162141@182559",
  ]);
  const failed = {};
  for (const fault of ["bad_key", "forbidden", "rate_limited", "html"]) {
    await script(fault);
    failed[fault] = await client.image.fromText({ model: SD1, params: usual }).then(
      () => null, (error) => error.status,
    );
  }
  process.stdout.write("\n" + JSON.stringify({
    minimal: first.jobs.length, full: full.jobs.length, comfy: comfy.jobs.length,
    byToken: byToken.jobs.length, byId: byId.jobId === job, byQuery: byQuery.jobs.length,
    cancelled: cancelled.status, models: Object.keys(models).length, failed,
  }));
})();
