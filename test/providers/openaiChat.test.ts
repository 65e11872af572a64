import { openaiChat } from "../../src/providers/openaiChat.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { providerSuite } from "./providerSuite.ts";

providerSuite({
  kind: openaiChat,
  model: "qwen3",
  startServer: startOpenaiChatServer,
  basePath: "/v1",
  needsKey: false,
  replays: false,
});
