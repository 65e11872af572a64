import { openai } from "../../src/providers/openai.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";
import { providerSuite } from "./providerSuite.ts";

providerSuite({
  kind: openai,
  model: "gpt-6.1-terra",
  startServer: startOpenaiServer,
  basePath: "/v1",
  needsKey: true,
  replays: true,
});
