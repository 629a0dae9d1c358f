//! Vectors are what a running 9.0.4 answered to SET and INCRBYFLOAT.

use super::*;
use proptest::prelude::*;

/// Two texts and the text of their sum; "" where the sum or one of the texts was refused.
const SUMS: &[(&str, &str, &str)] = &[
    ("3.0", "1.1", "4.1"),
    ("3390037094607247710.5", "-917018.5548128038991980185", "3390037094606330692"),
    ("-917.0453694799761", "2839326762763825924.5", "2839326762763825007.5"),
    ("-156.54590678345937", "522696312035967949.5", "522696312035967792.96875"),
    ("6032440293421072266.5", "403.0445375528666", "6032440293421072669.5"),
    ("766.6723065569574", "-0x5218b3efdc211945.dp18", "-1550758957107867503034368"),
    ("-0xd991b801c71694eb.3dbe269ae323602520285b2p-57", "-6786870763798703779", "-6786870763798703888"),
    ("-1364872347531214080", "139287.651072", "-1364872347531074792.375"),
    ("451.91238879154935", "-189.42932888573978", "262.48305990580956998"),
    ("7009205809602744511.5", "-3097572343657343741", "3911633465945400770.5"),
    ("0x810974cb5ec917b8.17b5991d167a417ep-81", "3603342165785580888.5", "3603342165785580888.5"),
    ("-578.9345652714219", "177.4530967031876", "-401.48146856823430001"),
    ("3539340941082671572e-36", "9037196192007595018.5", "9037196192007595018.5"),
    ("310888126621576465912656245598829472537e-14", "518403.280272", "3108881266215764659535872"),
    ("-858.8689577795665", "13.846453556592042062e-36", "-858.8689577795665"),
    ("1667583151239408885", "644.4014425061082", "1667583151239409529.375"),
    ("0x24eab7a67a5253d.2p-57", "0xa83350e504cf8c0a.ap-47", "86119.78564112328845681"),
    ("-199332.2", "0xeb096e3bead2f9de.ep-120", "-199332.20000000000000284"),
    ("8293929924823515220.5", "-505174.6899646542403313499", "8293929924823010046"),
    ("-0x2652621367822cd5.9p-149", "-963670.150949530", "-963670.15094952999999123"),
    ("-0x89d186499c4c7547.2p-55", "0x87691b6708c51.146873ba747d6ep-1096", "-275.63691063052912453"),
    ("15e-18", "2323397775583959195", "2323397775583959195"),
    ("0xba2b648e2af9f8c8.2064a3e746c54f25b5c6ff6p-55", "12447.7131", "12820.05210620554408596"),
    ("491995516186788414.5", "-72283.9258", "491995516186716130.5625"),
    ("-3084274651989099640", "211.7510204711714", "-3084274651989099428.25"),
    ("372064916336726841.5", "-0x376b1d946abce075.3b6e931912f35ed2ac53acap-116", "372064916336726841.5"),
    ("5814501083231208889.5", "-389.47849001869224", "5814501083231208500"),
    ("-55.79418112115354", "0.1", "-55.69418112115354"),
    ("5e-18", "10.4e-13", "0.00000000000104"),
    ("1.1", "7150574461047730667e-1008", "1.1"),
    ("226939.8417", "0.1", "226939.94169999999999732"),
    ("-355.0389225353164", "1e-17", "-355.0389225353164"),
    ("-0x304b3c4cb4100c48.f6c9a053084efc7bp-139", "20931.509", "20931.50900000000000034"),
    ("575.2401818604544", "-7209119684327284015e13", "-72091196843272840151207101071360"),
    ("-9716", "702998.9664267464428284", "693282.96642674644283488"),
    ("-0xb1df74b86a10aa34.21b6f1d20e8f91010b26a07p-111", "-353.62323158791844", "-353.62323158791844493"),
    ("-6992109689901136950", "3189522998839470.13e-14", "-6992109689901136918"),
    ("3205421264459986465", "56690.0", "3205421264460043155"),
    ("-92561", "420.0191032287312", "-92140.98089677126880304"),
    ("16056700503765986072.7e21", "7837667426031561553", "16056700503765986072763477798869622849536"),
    ("3.236989904220651521e36", "4714506257811001913", "3236989904220651525752536242570919936"),
    (
        "2098639852806806037.1094751965253093227e-6",
        "0x6517c895e044ef0a.39caaf2caf102930p-115",
        "2098639852806.80603706836700439",
    ),
    (
        "17840537745644251836954465312416513728.2e12",
        "-0xf2dec5459f98f9e6.195edd73187463ccp-54",
        "17840537745644251837171565757469810147854745862144",
    ),
    (
        "0xfd8fdd16e5cfe139.ap35",
        "0x1adf22e146add2cf.338ecd19e7c998a870c12p-16454",
        "627789023539087841333151268864",
    ),
    ("-0xe2cd086fde031082.8ab498cf165eeffdp-49", "-2245442474748010337", "-2245442474748039367.5"),
    (
        "-0xebd30150926ba079.49fd497a2cd3d608p-117",
        "258579467619608000919269421751879275762e-25",
        "25857946761960.80009269714355469",
    ),
    ("66151.083125", "0xc.22a2996b7a1814f3b6p-1090", "66151.08312500000000256"),
    ("821763.875", "0x61511003d5e23d41.54cb2712c63b82ddp-74", "821763.87537123356099755"),
    ("-0x6138bba42acab60f.c24155e81ea6a4b9p-145", "-6485151520947068761", "-6485151520947068761"),
    ("-0x845159dbe2230d42.7e72f0b8afbf622p-57", "-248.76262817195084", "-314.92151686609852659"),
    ("-0xc64a65d815bed656.1p-126", "-971.3032543983642", "-971.30325439836419998"),
    ("0xbff907bb45702c23.2cc84ee642e780a03b53d0ep-52", "3.6e-4951", "3071.56438758014952195"),
    ("-11773", "-0x249a29280aa25119.1ba521d3eb2106ce6f523ffp12", "-10803059850169086491648"),
    ("1797406922664759059.5", "9aaEpE", ""),
    ("-841735.195937", "nan.", ""),
    ("-xeinfinity1ef", "5738015680744861267", ""),
    ("1e17", "0infinity", ""),
    ("1infexnan00", "-0x1505e936ae13a95c.8p-70", ""),
    ("4425085616226578948e-4976", "3172598667994542431.1071337442214088558e-10", ""),
    ("-inf", ".1 0Einf", ""),
    ("-515456.800445131793378202", "+5+", ""),
    ("-503900106404183510e4292", "f15+9e-9", ""),
    ("5e-4956", "620.6240641936413", ""),
    ("1e17", "-inf", ""),
    ("inf", "-237644.574038831133", ""),
    ("inf", "530238072142024842221513940953527697241e-4946", ""),
    ("inf", "-4e1015", ""),
];

fn text(value: LongDouble) -> String {
    let mut out = Vec::new();
    value.push_text(&mut out);
    String::from_utf8(out).unwrap()
}

fn sum(one: &str, two: &str) -> Option<LongDouble> {
    let sum = LongDouble::parse(one.as_bytes())? + LongDouble::parse(two.as_bytes())?;
    sum.is_finite().then_some(sum)
}

#[test]
fn sums() {
    for &(one, two, expected) in SUMS {
        assert_eq!(sum(one, two).map_or(String::new(), text), expected, "{one:?} + {two:?}");
    }
}

#[test]
fn the_ends_of_the_range() {
    let largest = "1.18973149535723176502e4932";
    assert_eq!(text(LongDouble::parse(largest.as_bytes()).unwrap()).len(), 4933);
    for refused in
        ["1.18973149535723176506e4932", "1e4933", "1.8e-4951", "1e-99999", "1e99999999999999999999"]
    {
        assert_eq!(LongDouble::parse(refused.as_bytes()), None, "{refused}");
    }
    assert_eq!(LongDouble::parse(b"0e99999999999999999999"), Some(LongDouble::ZERO));
    assert_eq!(LongDouble::parse(b"1.9e-4951"), LongDouble::parse(b"0x1p-16445"));
    assert_eq!(sum(largest, largest), None);
    assert_eq!(text(sum("1.9e-4951", "-1.9e-4951").unwrap()), "0");
    assert_eq!(text(LongDouble::parse(b"-1e-18").unwrap()), "0");
}

#[test]
fn length_is_limited() {
    let padded = |zeros: usize| [b"0".repeat(zeros), b"1".to_vec()].concat();
    assert_eq!(LongDouble::parse(&padded(5118)), Some(LongDouble::from(1)));
    assert_eq!(LongDouble::parse(&padded(5119)), None);
}

#[test]
fn infinities() {
    let [plus, minus] = ["inf", "-Infinity"].map(|text| LongDouble::parse(text.as_bytes()).unwrap());
    assert_eq!([text(plus), text(minus), text(plus + minus)], ["inf", "-inf", "nan"]);
    assert_eq!(text(LongDouble::from(1) + minus), "-inf");
}

proptest! {
    #[test]
    fn integers_add_exactly(one: i64, two: i64) {
        let exact = i128::from(one) + i128::from(two);
        prop_assume!(exact.unsigned_abs() < 1 << 64);
        prop_assert_eq!(text(LongDouble::from(one) + LongDouble::from(two)), exact.to_string());
        prop_assert_eq!(LongDouble::parse(one.to_string().as_bytes()), Some(LongDouble::from(one)));
    }

    /// Tenths are not exact in binary, but the error stays below the last digit shown.
    #[test]
    fn tenths_add_as_expected(one in -150i32..150, two in -150i32..150) {
        let spell = |value: i32| {
            let text = format!("{}{}.{}", if value < 0 { "-" } else { "" }, value.abs() / 10, value.abs() % 10);
            text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
        };
        prop_assert_eq!(text(sum(&spell(one), &spell(two)).unwrap()), spell(one + two));
    }

    /// The quick way through decimal text and the exact one round to the same value.
    #[test]
    fn quick_and_exact_reading_agree(digits in 1u64.., shift in 0u32..64, power in -27i32..=27) {
        let digits = (digits >> shift).max(1);
        let ten = |power: i32| Big::from(1).times_ten_to(power.max(0).unsigned_abs());
        let number = Big::from(digits).times_ten_to(power.max(0).unsigned_abs());
        let exact = quotient(&number, &ten(-power));
        let exact = Binary { bits: exact.bits, exponent: i64::from(exact.exponent), more: exact.more };
        prop_assert_eq!(EXTENDED.round(&scale(digits, power)), EXTENDED.round(&exact));
    }

    #[test]
    fn sums_do_not_depend_on_order(one in ".{0,12}", two in "-?[0-9]{1,30}(\\.[0-9]{0,9})?(e-?[0-9]{1,4})?", three in "-?0x[0-9a-f]{1,20}p-?[0-9]{1,3}") {
        prop_assert_eq!(sum(&two, &three), sum(&three, &two));
        prop_assert_eq!(sum(&one, &three), sum(&three, &one));
    }
}

#[test]
fn a_double_is_close_by() {
    let cases = [
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("0", 0.0),
        ("1e400", f64::INFINITY),
        ("-inf", f64::NEG_INFINITY),
        ("1e-400", f64::MIN_POSITIVE),
        ("9223372036854775807", 9223372036854775807.0),
    ];
    for (text, double) in cases {
        assert_eq!(LongDouble::parse(text.as_bytes()).map(|number| number.to_f64()), Some(double), "{text}");
    }
}
