import { anthropic } from "../../src/providers/anthropic.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { providerSuite } from "./providerSuite.ts";

providerSuite({
  kind: anthropic,
  model: "claude-sonnet-5-5",
  startServer: startAnthropicServer,
  basePath: "",
  needsKey: true,
  replays: true,
});
