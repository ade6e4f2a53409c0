use proptest::prelude::*;

use super::*;

/// Each shape with the source that sends it (`docs/sources.md`), and the instant it means.
#[test]
fn the_shapes_that_vietnamese_sites_send() {
    let cases = [
        ("Mon, 21 Nov 2022 21:18:04 +0700", "2022-11-21T21:18:04+07:00"),
        ("9/5/2026 1:30:00 PM", "2026-09-05T13:30:00+07:00"),
        ("11/12/2026 11:27:22 PM", "2026-11-12T23:27:22+07:00"),
        ("Sat, 05 Sep 26 17:09:00 +0700", "2026-09-05T17:09:00+07:00"),
        ("Fri, 04 Sep 2026 18:48:27 GMT+7", "2026-09-04T18:48:27+07:00"),
        ("Fri, 04 Sep 2026 18:48:27 GMT+0700", "2026-09-04T18:48:27+07:00"),
        ("Mon, 05 Oct 2026 11:07:00 +07", "2026-10-05T11:07:00+07:00"),
        ("Mon, 05 Oct 2026 11:07:00 +07:00", "2026-10-05T11:07:00+07:00"),
        ("Fri, 04 Sep 2026 02:43:06 GMT", "2026-09-04T02:43:06Z"),
        ("Thứ 5, 28/05/2026 17:00:00 GMT+7", "2026-05-28T17:00:00+07:00"),
        ("2025-06-17T13:43:02+0700", "2025-06-17T13:43:02+07:00"),
        ("2026-11-23T08:05:00", "2026-11-23T08:05:00+07:00"),
        ("2026-11-23T08:05:00.123456789012Z", "2026-11-23T08:05:00Z"),
        ("2026-11-23t01:05:00z", "2026-11-23T01:05:00Z"),
        ("2026-11-23T08:05:00-05:00", "2026-11-23T08:05:00-05:00"),
        ("2026-11-23 08:05:00 -0500", "2026-11-23T08:05:00-05:00"),
        ("2026-01-08", "2026-01-08T00:00:00+07:00"),
        ("23/11/2026 08:05", "2026-11-23T08:05:00+07:00"),
        ("23-11-2026", "2026-11-23T00:00:00+07:00"),
        ("08/01/2026 - 18:21", "2026-01-08T18:21:00+07:00"),
        ("18:20 ngày 03/10/2026", "2026-10-03T18:20:00+07:00"),
        ("Thứ Hai, 23/11/2026, 8:15 SA", "2026-11-23T08:15:00+07:00"),
        ("Thứ Năm, 12/11/2026 | 12:15 SA", "2026-11-12T00:15:00+07:00"),
        ("T2, 23/11/2026 20:15", "2026-11-23T20:15:00+07:00"),
        ("Chủ nhật, 22/11/2026 3:30 CH", "2026-11-22T15:30:00+07:00"),
        ("23 Tháng 11 2026", "2026-11-23T00:00:00+07:00"),
        ("Ngày 8 tháng 1 năm 2026", "2026-01-08T00:00:00+07:00"),
        ("05-09-2026 01:30:00 PM", "2026-09-05T13:30:00+07:00"),
        ("15h30, 23/11/2026", "2026-11-23T15:30:00+07:00"),
        ("23/11/2026 15h30", "2026-11-23T15:30:00+07:00"),
        ("15 giờ 30 phút, ngày 23/11/2026", "2026-11-23T15:30:00+07:00"),
        ("15 giờ, 23/11/2026", "2026-11-23T15:00:00+07:00"),
        ("Ngày đăng: 22/11/2026", "2026-11-22T00:00:00+07:00"),
        ("Cập nhật lúc 10:00, 22/11/2026", "2026-11-22T10:00:00+07:00"),
        ("25/05/2026 01:30 PM", "2026-05-25T13:30:00+07:00"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37+07:00"),
        ("Mon, 23 Nov 2026 24:00:00 +0700", "2026-11-24T00:00:00+07:00"),
        ("Mon, 23 Nov 2026 08:59:60 +0700", "2026-11-23T08:59:59+07:00"),
        ("Mon, 23 Nov 2026 08:05:00 ICT (Indochina Time)", "2026-11-23T08:05:00+07:00"),
        ("1795305600", "2026-11-22T00:00:00Z"),
        ("1795305600000", "2026-11-22T00:00:00Z"),
        ("20261123081500", "2026-11-23T08:15:00+07:00"),
    ];
    for (written, expected) in cases {
        let expected = DateTime::parse_from_rfc3339(expected).unwrap().with_timezone(&Utc);
        assert_eq!(parse(written, Style::vietnamese(DateOrder::ByShape)), Some(expected), "{written}");
    }
}

/// Shapes of the rest of the world, in a document that nothing calls Vietnamese.
#[test]
fn the_shapes_that_others_send() {
    let cases = [
        ("2003", "2003-01-01T00:00:00Z"),
        ("2003-12", "2003-12-01T00:00:00Z"),
        ("01/02/2006 - 15:04", "2006-01-02T15:04:00Z"),
        ("02.01.2006 15:04", "2006-01-02T15:04:00Z"),
        ("02-01-2006", "2006-01-02T00:00:00Z"),
        ("2004-07-08 23:56:58.0", "2004-07-08T23:56:58Z"),
        ("2006-01-02 at 15:04:05", "2006-01-02T15:04:05Z"),
        ("2006-01-02T15:04:05-07:00:00", "2006-01-02T22:04:05Z"),
        ("January 2, 2006, 3:04 p.m.", "2006-01-02T15:04:00Z"),
        ("Mon, 02 Jan 2006 15:04:05 --0700", "2006-01-02T22:04:05Z"),
        ("Mon, 02 Jan 2006 15:04:05 -07", "2006-01-02T22:04:05Z"),
        ("Mon, 02 Jan 2006 15:04:05 00", "2006-01-02T15:04:05Z"),
        ("Mon, 02 Jan 2006 15:04:05 CEST", "2006-01-02T13:04:05Z"),
        ("Mon, 02 Jan 2006 15:04:05 GMT-0700", "2006-01-02T22:04:05Z"),
        ("Mon, 2 Jan 2006 15:4:5 -0700 GMT", "2006-01-02T22:04:05Z"),
        ("Mon, 2nd Jan 2006 15:04:05 MST", "2006-01-02T22:04:05Z"),
        ("Mon, Jan 2 2006 15:04:05 -700", "2006-01-02T22:04:05Z"),
        ("Mon, January 2, 2006 at 03:04 PM MST", "2006-01-02T22:04:00Z"),
        ("Mon, 26 January 2004 16:31:00 AT", "2004-01-26T20:31:00Z"),
        ("/Date(1795305600000)/", "2026-11-22T00:00:00Z"),
        ("20261123", "2026-11-23T00:00:00Z"),
        ("5 May 1983 00:00:00 GMT", "1983-05-05T00:00:00Z"),
    ];
    for (written, expected) in cases {
        let expected = DateTime::parse_from_rfc3339(expected).unwrap().with_timezone(&Utc);
        assert_eq!(parse(written, Style::international(DateOrder::ByShape)), Some(expected), "{written}");
    }
}

#[test]
fn pages_show_dates_by_how_long_ago_they_are() {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 3, 0, 0).unwrap();
    let cases = [
        ("3 giờ trước", "2026-11-23T00:00:00Z"),
        ("15 phút trước", "2026-11-23T02:45:00Z"),
        ("khoảng 2 ngày trước", "2026-11-21T03:00:00Z"),
        ("Hôm qua, 08:30", "2026-11-22T01:30:00Z"),
        ("Hôm nay, 08:30", "2026-11-23T01:30:00Z"),
        ("Vừa xong", "2026-11-23T03:00:00Z"),
        ("2 hours ago", "2026-11-23T01:00:00Z"),
        ("| 08/01/2026 - 18:21", "2026-01-08T11:21:00Z"),
        ("18:20 ngày 03/10/2026", "2026-10-03T11:20:00Z"),
    ];
    for (shown, expected) in cases {
        let expected = DateTime::parse_from_rfc3339(expected).unwrap().with_timezone(&Utc);
        assert_eq!(on_listing(shown, Style::vietnamese(DateOrder::ByShape), now), Some(expected), "{shown}");
    }
    for shown in ["Thời sự", "9 giờ sáng mai", "12345", "Hội nghị năm 2026", "giờ trước"] {
        assert_eq!(on_listing(shown, Style::vietnamese(DateOrder::ByShape), now), None, "{shown}");
    }
}

#[test]
fn the_order_of_day_and_month_is_the_sources_and_is_never_swapped() {
    let day = |order| {
        parse("9/5/2026 13:30", Style::vietnamese(order))
            .map(|t| t.with_timezone(&vietnam()).format("%d.%m").to_string())
    };
    assert_eq!(day(DateOrder::MonthFirst).as_deref(), Some("05.09"));
    assert_eq!(day(DateOrder::DayFirst).as_deref(), Some("09.05"));
    assert_eq!(parse("25/12/2026 13:30", Style::vietnamese(DateOrder::MonthFirst)), None);
}

#[test]
fn what_is_not_a_date_is_not_guessed() {
    for written in [
        "",
        "hôm nay",
        "31 Feb 2026",
        "00/00/0000",
        "32/01/2026",
        "2026",
        "Mon, 21 Nov",
        "99:99 01/01/2026",
        "0001-01-01T00:00:00",
    ] {
        assert_eq!(parse(written, Style::vietnamese(DateOrder::ByShape)), None, "{written}");
    }
    assert_eq!(parse(&"1".repeat(100_000), Style::vietnamese(DateOrder::ByShape)), None);
}

#[test]
fn a_date_in_the_future_is_not_believed() {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 0, 0, 0).unwrap();
    assert_eq!(plausible(now + TimeDelta::days(1), now), None);
    assert_eq!(plausible(now + TimeDelta::minutes(30), now), Some(now));
    assert_eq!(plausible(DateTime::UNIX_EPOCH, now), None);
    assert_eq!(plausible(now - TimeDelta::days(1), now), Some(now - TimeDelta::days(1)));
}

proptest! {
    #[test]
    fn any_text_is_a_date_or_is_not(text in "\\PC{0,40}") {
        parse(&text, Style::vietnamese(DateOrder::ByShape));
        parse(&text, Style::international(DateOrder::ByShape));
    }

    #[test]
    fn any_jumble_of_date_pieces_is_harmless(text in "[-+/: 0-9TZAPMthứngàyáGCHS,.]{0,30}") {
        parse(&text, Style::vietnamese(DateOrder::ByShape));
        parse(&text, Style::international(DateOrder::ByShape));
    }
}
