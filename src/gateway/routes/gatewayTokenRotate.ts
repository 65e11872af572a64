import * as z from "zod";
import { defineRoute } from "../route.ts";

export const gatewayTokenRotate = defineRoute({
  name: "gateway.token.rotate",
  verb: "POST",
  scope: "admin",
  secret: true,
  summary: "Replaces a token. The old one is dead at once, and what it holds open is closed within a second.",
  input: z.strictObject({ name: z.string().min(1).max(100).optional().describe("Which token; the first by default.") }),
  output: z.strictObject({ token: z.string() }),
  async handle(_core, { name }, call) {
    return { token: await call.gateway.rotateToken(name) };
  },
});
