import { cutText } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import type { FileRef } from "../channel.ts";
import type { Message } from "./telegramShapes.ts";

type Sent = Pick<Message, "photo" | "document" | "audio" | "video" | "video_note" | "voice">;

/** What the message of that number has of files: of a picture its largest size. */
export function filesOf({ photo, document, audio, video, video_note: note, voice }: Sent, id: number): FileRef[] {
  const largest = photo?.toSorted((a, b) => a.width - b.width).at(-1);
  const named: [Sent["document"], string, string][] = [
    [largest, `photo-${id}.jpg`, "image/jpeg"],
    [document, `file-${id}`, "application/octet-stream"],
    [audio, `audio-${id}.mp3`, "audio/mpeg"],
    [video, `video-${id}.mp4`, "video/mp4"],
    [note, `video-${id}.mp4`, "video/mp4"],
    [voice, `voice-${id}.ogg`, "audio/ogg"],
  ];
  return named.flatMap(([file, name, mediaType]) =>
    file
      ? [
          {
            id: file.file_id,
            name: cutText(file.file_name || name, 200),
            mediaType: file.mime_type ?? mediaType,
            ...defined({ bytes: file.file_size }),
          },
        ]
      : [],
  );
}
