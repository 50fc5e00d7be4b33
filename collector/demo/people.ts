import type { Device } from '../contract/names.ts';
import { pick } from './seeded-random.ts';

/** What a browser shows of a person: the same on every visit. */
export interface Person {
  visitor: string;
  device: Device;
  country: string;
  ip: string;
  userAgent: string;
}

/** A person whose traits depend on nothing but the random numbers given. */
export function makePerson(visitor: string, random: () => number): Person {
  const device = pick(random, deviceShares);
  const country = pick(random, countryShares);
  return {
    visitor,
    device,
    country,
    ip: pick(random, evenly(addresses[country])),
    userAgent: pick(random, userAgents[device]),
  };
}

function evenly<Choice>(choices: readonly Choice[]): [Choice, number][] {
  return choices.map((choice) => [choice, 1]);
}

/** Addresses of universities and name servers, whose country is public and does not move. Only the country is taken from them. */
export const addresses = {
  DE: ['141.20.1.1', '129.13.1.1', '134.95.1.1', '138.246.1.1', '194.25.0.125'],
  AT: ['131.130.1.1', '140.78.1.1', '193.170.1.1'],
  CH: ['129.132.1.1', '130.60.1.1'],
  PL: ['193.0.96.15', '149.156.1.1'],
  FR: ['129.199.1.1', '80.67.169.12'],
  NL: ['130.37.1.1', '193.0.0.1'],
  GB: ['129.67.1.1', '131.111.1.1'],
  US: ['18.7.22.69', '128.32.1.1'],
  TR: ['144.122.1.1', '160.75.1.1'],
} as const satisfies Record<string, readonly string[]>;
type Country = keyof typeof addresses;

const countryShares: readonly (readonly [Country, number])[] = [
  ['DE', 78],
  ['AT', 5],
  ['CH', 4],
  ['PL', 3],
  ['TR', 3],
  ['FR', 2],
  ['NL', 2],
  ['GB', 2],
  ['US', 1],
];

type SeenDevice = 'mobile' | 'desktop' | 'tablet';
const deviceShares: readonly (readonly [SeenDevice, number])[] = [
  ['mobile', 62],
  ['desktop', 32],
  ['tablet', 6],
];

const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';
const safari = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6';
export const userAgents: Record<SeenDevice, readonly (readonly [string, number])[]> = {
  mobile: [
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${safari} Mobile/15E148 Safari/604.1`, 52],
    [`Mozilla/5.0 (Linux; Android 10; K) ${chrome} Mobile Safari/537.36`, 40],
    [
      `Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      8,
    ],
  ],
  desktop: [
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36`, 48],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0`, 18],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${safari} Safari/605.1.15`, 22],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/141.0.0.0`, 12],
  ],
  tablet: [[`Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) ${safari} Mobile/15E148 Safari/604.1`, 1]],
};
