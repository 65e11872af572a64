import type { ClientRequest } from "node:http";

/** Whoever goes over to another protocol than HTTP gives no response: nobody is to wait for one. */
export function refuseUpgrade(outgoing: ClientRequest, fail: (why: Error) => void): void {
  outgoing.on("upgrade", (_, socket) => {
    socket.destroy();
    fail(new Error("it answers in another protocol than HTTP"));
  });
}
