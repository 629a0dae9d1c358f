//! Calendar dates from seconds, for log lines; time zones and clocks are the shell's.

/// A moment of the proleptic Gregorian calendar, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year, astronomically counted (1 BC is 0).
    pub year: i64,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59.
    pub second: u8,
}

const DAY: i64 = 86_400;

impl Civil {
    /// The date and time `seconds` after 1970-01-01 00:00:00 (for local time: with the zone's offset added).
    pub fn from_unix(seconds: i64) -> Self {
        // Counted from 0000-03-01 leap days end years, and 400 years are always 146097 days.
        const ERA: i64 = 146_097;
        let days = seconds.div_euclid(DAY) + 719_468;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        // From March on, months of 31 30 31 30 31 days repeat: 153 days for five months.
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let second = seconds.rem_euclid(DAY);
        Self {
            year: era * 400 + year + next_year,
            month: month as u8,
            day: day as u8,
            hour: (second / 3600) as u8,
            minute: (second / 60 % 60) as u8,
            second: (second % 60) as u8,
        }
    }

    /// The month's name in three letters.
    pub(crate) fn month_name(&self) -> &'static str {
        const NAMES: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        NAMES[usize::from(self.month - 1) % 12]
    }
}

/// As log lines have it: "21 Nov 2026 11:58:37".
impl std::fmt::Display for Civil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, day, hour, minute, second, .. } = self;
        write!(f, "{day:02} {} {year:04} {hour:02}:{minute:02}:{second:02}", self.month_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments() {
        for (seconds, text) in [
            (0, "01 Jan 1970 00:00:00"),
            (-1, "31 Dec 1969 23:59:59"),
            (951_782_400, "29 Feb 2000 00:00:00"),
            (951_868_800, "01 Mar 2000 00:00:00"),
            (1_795_262_317, "21 Nov 2026 11:58:37"),
            (4_107_542_399, "28 Feb 2100 23:59:59"),
            (4_107_542_400, "01 Mar 2100 00:00:00"),
        ] {
            assert_eq!(Civil::from_unix(seconds).to_string(), text);
        }
    }

    #[test]
    fn every_day_of_a_thousand_years_follows_the_last() {
        let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let mut expected = (1600, 1, 1);
        for day in -135_140..230_000 {
            let date = Civil::from_unix(day * DAY);
            assert_eq!((date.year, date.month, date.day), expected);
            let (year, month, day) = expected;
            let last = match month {
                2 => 28 + u8::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, day) if day == last => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }

    proptest! {
        #[test]
        fn any_second_has_a_date(seconds: i64) {
            let date = Civil::from_unix(seconds);
            prop_assert!((1..=12).contains(&date.month) && (1..=31).contains(&date.day));
            let of_day = i64::from(date.hour) * 3600 + i64::from(date.minute) * 60 + i64::from(date.second);
            prop_assert_eq!(of_day, seconds.rem_euclid(DAY));
        }
    }
}
