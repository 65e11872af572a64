import * as z from "zod";

/** Where what the agent does is told to, in the words of OpenTelemetry. */
export const telemetrySchema = z.strictObject({
  otlp: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .describe("Base address of a collector that takes OTLP over HTTP in JSON, as http://127.0.0.1:4318."),
      headers: z
        .record(z.string().regex(/^[\w-]{1,100}$/), z.string().max(4000))
        .default({})
        .describe("Sent with each batch, such as a key."),
    })
    .optional()
    .describe("Traces and metrics of runs, model calls and tools. Nothing is sent where it is not given."),
});
