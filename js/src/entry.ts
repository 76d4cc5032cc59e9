// What a host loads with every heatmap: the widget's script, packed, which a page runs only once.
//
// A host evaluates this anew for each heatmap, and a page never lets go of a module. So it is
// small, and costs next to nothing to read: only who unpacks it looks into the text.
import { type Create, shared } from "./shared";

async function load(): Promise<Create> {
  const { default: packed } = await import("./made/packed");
  const text = await unpack(packed);
  runInline(text);
  if (!shared.create) await importBlob(text);
  return shared.create as Create;
}

function unpack(base64: string): Promise<string> {
  const stream = new DecompressionStream("deflate-raw");
  const writer = stream.writable.getWriter();
  writer.write(bytesOf(base64));
  writer.close();
  return new Response(stream.readable).text();
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  // Much the faster one, where a browser has it.
  return (
    Uint8Array.fromBase64?.(base64) ??
    Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  );
}

/** Runs a script at once, where the page allows it. */
function runInline(text: string): void {
  const script = document.createElement("script");
  try {
    script.text = text;
    document.head.append(script);
  } catch {
    // A page may forbid that a text becomes a script.
  }
  script.remove();
}

/** Runs a script in the way in which anywidget ran this one. */
async function importBlob(text: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

export default async () => {
  shared.loading ??= load();
  return (await shared.loading)();
};
