import { describe, expect, it } from 'vitest';
import { toCsv } from '../../dashboard/csv.ts';

describe('a downloaded table', () => {
  it('has a head line, and leaves numbers as they are', () => {
    expect(
      toCsv([
        { Page: '/prices', Visitors: 12, Rate: 0.25 },
        { Page: '/team', Visitors: 1234, Rate: null },
      ]),
    ).toBe('Page,Visitors,Rate\r\n/prices,12,0.25\r\n/team,1234,\r\n');
  });

  it('keeps commas, quotes and line breaks inside a cell', () => {
    expect(toCsv([{ Name: 'Cut, "fine"' }, { Name: 'two\nlines' }])).toBe(
      'Name\r\n"Cut, ""fine"""\r\n"two\nlines"\r\n',
    );
  });

  it('disarms whatever a spreadsheet would run, but not negative numbers', () => {
    const cells = ['=1+1', '+49 30', '-2', '@sum(a1)', '\t=1', '=HYPERLINK("x","y")'].map((Name) => ({ Name }));
    expect(toCsv(cells)).toBe(
      `Name\r\n'=1+1\r\n'+49 30\r\n'-2\r\n'@sum(a1)\r\n'\t=1\r\n"'=HYPERLINK(""x"",""y"")"\r\n`,
    );
    expect(toCsv([{ Change: -3 }])).toBe('Change\r\n-3\r\n');
  });

  it('puts the columns of all rows side by side, and is empty without rows', () => {
    expect(toCsv([{ Day: '1 Sep' }, { Day: '2 Sep', Before: 4 }])).toBe('Day,Before\r\n1 Sep,\r\n2 Sep,4\r\n');
    expect(toCsv([])).toBe('');
  });
});
