import { AppError } from "../../base/appError.ts";
import type { Endpoint } from "../http/endpoint.ts";

export const SOCKET_PATH = "/ws";

/** Where WebSockets are opened; a plain request is told so. */
export const socketEndpoint: Endpoint = {
  path: SOCKET_PATH,
  verbs: ["GET"],
  scope: "read",
  upgrade: true,
  async handle() {
    throw new AppError("bad_request", "This address takes WebSockets: send Upgrade: websocket");
  },
};
