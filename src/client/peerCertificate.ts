import { X509Certificate } from "node:crypto";
import type { ClientRequest } from "node:http";
import { TLSSocket } from "node:tls";
import { AppError } from "../base/appError.ts";

/**
 * Holds a request, made with `rejectUnauthorized: false`, to one certificate: the first of the PEM. With another it ends in
 * `unavailable` before anything is sent. Who signed it, for which names and until when is all one: what is there may be for
 * the name of a machine, while it is asked by an address of this one.
 */
export function holdToCertificate(request: ClientRequest, url: string, pem: string): void {
  const { fingerprint256 } = new X509Certificate(pem);
  const check = (socket: TLSSocket) => {
    if (socket.getPeerX509Certificate()?.fingerprint256 === fingerprint256) return;
    socket.destroy(
      new AppError(
        "unavailable",
        `What answers at ${url} has another certificate than the gateway that was started there`,
      ),
    );
  };
  request.once("socket", (socket) => {
    if (!(socket instanceof TLSSocket)) request.destroy(new Error("it came over no TLS"));
    // An agent of the editor's may have connected by now.
    else if (socket.getPeerX509Certificate()) check(socket);
    // What is written before this waits for it: Node.js itself refuses certificates here.
    else socket.once("secureConnect", () => check(socket));
  });
}
