import { IconAlertTriangle, IconFlame, IconSnowflake, IconSun } from '@tabler/icons-react';
import type { Lead } from '../../../collector/contract/lead-answers.ts';
import type { LeadStage, Temperature } from '../../../collector/contract/leads.ts';
import classes from './leads.module.css';
import { leakWords, stageHelp, stageNames, temperatureNames } from './words.ts';

/** The stage as a word with a mark whose shape differs too, not only the colour. */
export function StageMark({ stage }: { stage: LeadStage }) {
  return (
    <span className={classes.stage} data-stage={stage} title={stageHelp[stage]}>
      <span className={classes.stageDot} aria-hidden="true" />
      {stageNames[stage]}
    </span>
  );
}

const temperatureIcons = { cold: IconSnowflake, warm: IconSun, hot: IconFlame } as const;

/** Points and temperature, as a word beside its mark. */
export function ScoreMark({ score, temperature }: { score: number; temperature: Temperature }) {
  const Icon = temperatureIcons[temperature];
  return (
    <span className={classes.score} data-temperature={temperature}>
      <Icon size={15} stroke={1.7} aria-hidden="true" />
      {score} <small>{temperatureNames[temperature].toLowerCase()}</small>
    </span>
  );
}

/** Why a lead leaks, in the colour of what leaks; nothing where it does not. */
export function LeakMark({ leaking }: Pick<Lead, 'leaking'>) {
  if (leaking.length === 0) return null;
  return (
    <span className={classes.leak}>
      <IconAlertTriangle size={14} stroke={1.8} aria-hidden="true" className={classes.leakIcon} />
      {leakWords(leaking)}
    </span>
  );
}
