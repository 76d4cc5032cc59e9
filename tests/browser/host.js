// The smallest host of the widget that there can be: traits in, messages out, no kernel.
import createWidget from "./widget.js";

class Host {
  constructor(traits) {
    this.traits = traits;
    this.sent = [];
    this.listeners = new Map();
  }
  get(trait) {
    return this.traits[trait];
  }
  send(content) {
    this.sent.push(content);
  }
  on(event, callback) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), callback]);
  }
  off(event, callback) {
    this.listeners.set(
      event,
      this.listeners.get(event).filter((known) => known !== callback),
    );
  }
  set(traits) {
    Object.assign(this.traits, traits);
    for (const trait of Object.keys(traits)) {
      for (const callback of this.listeners.get(`change:${trait}`) ?? []) callback();
    }
  }
}

/** Traits of bytes come in base64. */
function decoded({ traits, bytes }) {
  const decoded = { ...traits };
  for (const [name, base64] of Object.entries(bytes)) {
    decoded[name] = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }
  return decoded;
}

window.hosts = [];

/** Makes a widget that nobody displays yet; gives what displays it, until `leave()`. */
window.make = async (saved) => {
  const host = new Host(decoded(saved));
  window.hosts.push(host);
  const widget = await createWidget();
  widget.initialize({ model: host });
  return () => {
    const el = document.createElement("div");
    document.body.append(el);
    window.leave = widget.render({ model: host, el });
  };
};

window.mount = async (saved) => (await window.make(saved))();

/** Shows other traits in the first view. */
window.update = (saved) => window.hosts[0].set(decoded(saved));

/** Shows other traits in the first view; gives the colour in the middle of each cell, in order. */
window.coloursOf = async (saved, layers, components) => {
  window.hosts[0].set(decoded(saved));
  await new Promise((resolve) => setTimeout(resolve));
  const canvas = document.querySelector("canvas.layergrid-cells");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const colours = [];
  for (let i = 0; i < layers; i++) {
    for (let j = 0; j < components; j++) {
      const x = Math.floor(((j + 0.5) * width) / components);
      const y = Math.floor(((i + 0.5) * height) / layers);
      colours.push([...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)]);
    }
  }
  return colours;
};
