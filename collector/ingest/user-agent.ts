import { isbot } from 'isbot';
import UAParser from 'ua-parser-js';
import { limits } from '../contract/limits.ts';
import type { Device } from '../contract/names.ts';

export interface UserAgent {
  bot: boolean;
  device: Device;
  browser: string;
  browserVersion: string;
  os: string;
  osVersion: string;
}

/** Few texts make up nearly all traffic, and taking one apart costs a hundred times as much as finding it again. */
const remembered = 5_000;

/** Tells programs from people, and names browser, system and device. An empty text is device `other` and no bot. */
export function createUserAgents(): (text: string) => UserAgent {
  const known = new Map<string, UserAgent>();
  return (fullText) => {
    const text = fullText.slice(0, limits.userAgentLength);
    const found = known.get(text) ?? parse(text);
    known.delete(text);
    known.set(text, found);
    if (known.size > remembered) {
      const oldest = known.keys().next().value;
      if (oldest !== undefined) known.delete(oldest);
    }
    return found;
  };
}

function parse(text: string): UserAgent {
  if (text === '') return { bot: false, device: 'other', browser: '', browserVersion: '', os: '', osVersion: '' };
  const { browser, os, device } = new UAParser(text).getResult();
  return {
    bot: isbot(text),
    device: toDevice(device.type, os.name),
    browser: browser.name ?? '',
    browserVersion: browser.version?.split('.')[0] ?? '',
    os: os.name ?? '',
    osVersion: os.version ?? '',
  };
}

function toDevice(type: string | undefined, os: string | undefined): Device {
  if (type === 'mobile' || type === 'tablet') return type;
  // The parser names a device only where the text does; desktop browsers say their system and nothing more.
  return type === undefined && os !== undefined ? 'desktop' : 'other';
}
