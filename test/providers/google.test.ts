import { google } from "../../src/providers/google.ts";
import { startGoogleServer } from "../fakes/googleServer.ts";
import { providerSuite } from "./providerSuite.ts";

providerSuite({
  kind: google,
  model: "gemini-3.8-flash",
  startServer: startGoogleServer,
  basePath: "",
  needsKey: true,
  replays: true,
});
