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

/** In each of two generations. Few texts make up nearly all traffic, and taking one apart costs a hundred times as much as finding it again. */
const remembered = 2_500;

/** Tells programs from people, and names browser, system and device. An empty text is device `other` and no bot. */
export function createUserAgents(): (text: string) => UserAgent {
  let young = new Map<string, UserAgent>();
  let old = new Map<string, UserAgent>();
  return (fullText) => {
    const text = fullText.length > limits.userAgentLength ? fullText.slice(0, limits.userAgentLength) : fullText;
    const lately = young.get(text);
    if (lately) return lately;
    const found = old.get(text) ?? parse(text);
    if (young.size >= remembered) {
      old = young;
      young = new Map();
    }
    young.set(text, found);
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
