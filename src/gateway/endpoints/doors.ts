import type { Endpoint } from "../endpoint.ts";
import type { DoorContext } from "./door.ts";
import { createMcpDoor } from "./mcp/mcp.ts";
import { createChatDoor } from "./openai/chat.ts";
import { createModelsDoor } from "./openai/models.ts";
import { createResponsesDoor } from "./openai/responses.ts";
import { createToolsDoor } from "./openclaw/toolsInvoke.ts";

/** The doors for clients that speak another protocol than the gateway's own. */
export function createDoors(context: DoorContext): Endpoint[] {
  return [
    createChatDoor(context),
    createResponsesDoor(context),
    createModelsDoor(context),
    createToolsDoor(context),
    createMcpDoor(context),
  ];
}
