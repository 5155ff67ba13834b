/** Numbers of RFC 5905 (figures 6 and 27, appendix A.1.1), in nanoseconds and parts per million. */

export const ntp = {
  port: 123,
  version: 4,
  /** PHI: how fast what a clock does not know grows. */
  phiPpm: 15,
  /** MAXDISP: the dispersion of a sample that is not there. */
  maxDispersionNs: 16_000_000_000,
  /** MAXDIST: a server farther from the truth is none (§11.2; 1 s). */
  maxDistanceNs: 1_000_000_000,
  /** NSTAGE: samples in the clock filter. */
  stages: 8,
  /** NMIN: fewer survivors are no majority to speak of. */
  minSurvivors: 3,
  /** STEPT of figure 27; the appendix has 128 ms. */
  stepNs: 125_000_000,
  /** WATCH: so long a large offset must last until the clock is stepped. */
  watchNs: 900_000_000_000,
  /** PANICT: nobody is believed who says that we are so wrong. */
  panicNs: 1_000_000_000_000,
  minPoll: 4,
  maxPoll: 17,
  /** How fast clocks are slewed, in the BSD kernel of old and since. */
  slewPpm: 500,
} as const;
