//! The sample news: texts of our own in the manner of provincial papers, with a number and a commune filled in, without
//! end.

/// One article, before any paper has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its number; no two pieces have the same.
    pub number: usize,
    /// The headline.
    pub title: String,
    /// The teaser.
    pub teaser: String,
    /// Who carries it: the first wrote it, the others reprint it.
    pub desks: Vec<&'static str>,
}

/// Samples of the kind: (headline, teaser). `{xa}` is a commune, `{n}` and `{m}` are numbers.
type Samples = &'static [(&'static str, &'static str)];

const COMMUNES: [&str; 16] = [
    "Đồng Xanh",
    "Suối Trong",
    "Gò Sỏi",
    "Bãi Ngang",
    "Núi Thơm",
    "Cầu Đá",
    "Vườn Cau",
    "Bờ Kênh",
    "Rừng Dừa",
    "Đồi Chè",
    "Bến Lúa",
    "Ao Sen",
    "Mây Trắng",
    "Nắng Sớm",
    "Đá Bạc",
    "Lũng Hoa",
];

/// Papers that write about their own province, in turn.
const LOCAL: [&str; 9] =
    ["lua-vang", "bien-xanh", "nui-cao", "rung-thong", "tinh-uy", "uy-ban", "song-que", "truc-trac", "phuong-xa"];

const FOLLOWING_UNCLE: Samples = &[
    (
        "Xã {xa} lan toả {n} mô hình học tập và làm theo Bác",
        "Sau một năm thực hiện Chỉ thị số 05-CT/TW, Đảng bộ xã {xa} có {n} mô hình học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh được nhân rộng ở {m} chi bộ, từ hũ gạo tiết kiệm đến tuyến đường tự quản sáng, xanh, sạch.",
    ),
    (
        "Tuổi trẻ {xa} làm theo lời Bác: {m} km đường thôn sáng đèn",
        "{n} đoàn viên, thanh niên xã {xa} góp ngày công sửa đường, lắp đèn năng lượng mặt trời và tặng tủ sách cho điểm trường lẻ trong đợt sinh hoạt chuyên đề làm theo lời Bác.",
    ),
    (
        "Người trưởng thôn ở {xa} học Bác từ việc nhỏ",
        "{m} năm làm trưởng thôn, ông vẫn giữ nếp ghi sổ từng ý kiến của {n} hộ dân rồi trả lời đến cùng. Ông bảo học Bác trước hết là nói đi đôi với làm, việc gì có lợi cho dân thì hết sức làm.",
    ),
    (
        "Phụ nữ {xa} tiết kiệm theo gương Bác, giúp {n} hộ thoát nghèo",
        "Mỗi ngày bớt một nắm gạo, mỗi tuần góp một khoản nhỏ, {m} chi hội phụ nữ xã {xa} đã giúp {n} hộ có vốn nuôi bò, trồng rau. Phong trào bắt đầu từ buổi kể chuyện về đức tính tiết kiệm của Bác.",
    ),
    (
        "{xa} biểu dương {n} điển hình học tập và làm theo Bác",
        "Hội nghị sơ kết của Đảng uỷ xã {xa} biểu dương {n} tập thể, cá nhân; nhiều cách làm được đánh giá sát thực tế, có sản phẩm cụ thể, người dân thấy rõ kết quả.",
    ),
    (
        "Chi bộ ở {xa} kể chuyện Bác Hồ mỗi sáng thứ Hai",
        "Mười lăm phút đầu tuần, cán bộ xã {xa} nghe một câu chuyện về tấm gương đạo đức Hồ Chí Minh rồi tự liên hệ với việc của mình. Sau {m} tháng, hồ sơ trễ hạn giảm còn {n} trường hợp.",
    ),
];

/// Reprinted by several papers: the teaser is long, as agencies' leads are.
const WIRE: Samples = &[
    (
        "Phát động đợt thi đua học tập và làm theo tấm gương Bác trong các cơ sở",
        "Sáng nay, đợt thi đua cao điểm số {n} học tập và làm theo tấm gương đạo đức Hồ Chí Minh được phát động tới {m} đảng bộ cơ sở, với yêu cầu mỗi chi bộ chọn một việc cụ thể, có thời hạn, có người chịu trách nhiệm và công khai kết quả để người dân cùng giám sát.",
    ),
    (
        "Thêm {n} xã hoàn thành phủ sóng dịch vụ công trực tuyến",
        "Theo báo cáo tổng hợp đợt {m}, thêm {n} xã đã có tổ công nghệ số cộng đồng hoạt động thường xuyên, hướng dẫn người dân nộp hồ sơ trên Cổng dịch vụ công, ký số và nhận kết quả tại nhà, qua đó rút ngắn thời gian đi lại cho các thôn xa trung tâm.",
    ),
    (
        "Đợt mưa lớn số {n}: chủ động di dời dân khỏi vùng sạt lở",
        "Cơ quan khí tượng cảnh báo đợt mưa lớn số {n} kéo dài {m} giờ ở vùng núi; các địa phương được yêu cầu rà soát từng hộ ở ven sông, ven đồi, chuẩn bị phương án di dời tại chỗ và trực ban suốt ngày đêm cho đến khi hết nguy cơ.",
    ),
];

const CITY: Samples = &[
    (
        "Thành phố Hồ Chí Minh mở thêm {n} tuyến xe buýt ven kênh",
        "Các tuyến mới nối khu dân cư với nhà ga, dự kiến chở {m} nghìn lượt khách mỗi ngày. Sở Xây dựng TP.HCM cho biết vé tháng giữ nguyên giá.",
    ),
    (
        "TP. Hồ Chí Minh thông xe nhánh cầu thứ {n}",
        "Nhánh cầu rút ngắn {m} phút đi từ trung tâm tới cảng. Đoàn Thanh niên Cộng sản Hồ Chí Minh thành phố tổ chức đội hình hướng dẫn giao thông trong tuần đầu.",
    ),
    (
        "Bác sĩ về {xa} khám bệnh cho {n} người cao tuổi",
        "Đoàn y, bác sĩ bệnh viện tuyến trên khám, cấp thuốc miễn phí và tặng {m} suất quà cho người cao tuổi khó khăn.",
    ),
    (
        "Đường Hồ Chí Minh đoạn qua {xa} sửa xong trước mùa mưa",
        "{m} km mặt đường và {n} cống thoát nước được sửa xong sớm hơn kế hoạch, xe tải nặng lưu thông bình thường từ hôm nay.",
    ),
];

const OTHERS: Samples = &[
    (
        "{xa} về đích nông thôn mới nâng cao",
        "Xã {xa} hoàn thành {n} tiêu chí, thu nhập bình quân tăng {m} phần trăm; hai sản phẩm OCOP mới được xếp hạng bốn sao.",
    ),
    (
        "Đảng uỷ xã {xa} kết nạp {n} đảng viên mới",
        "Lễ kết nạp đảng viên và trao Huy hiệu Đảng được tổ chức tại nhà văn hoá; {m} quần chúng khác đang được bồi dưỡng nhận thức về Đảng.",
    ),
    (
        "Chợ phiên {xa} có {n} điểm thanh toán không dùng tiền mặt",
        "Tổ công nghệ số cộng đồng hướng dẫn từng sạp quét mã; sau {m} phiên, nhiều tiểu thương đã bán hàng trên nền tảng số.",
    ),
    (
        "Rà soát {n} trụ sở bỏ trống để chống lãng phí",
        "Tỉnh yêu cầu {m} sở, xã báo cáo phương án dùng trụ sở dôi dư sau sắp xếp, gắn trách nhiệm người đứng đầu trong thực hành tiết kiệm, chống lãng phí.",
    ),
    (
        "Trung tâm phục vụ hành chính công {xa} trả {n} hồ sơ trong ngày",
        "Sau {m} tháng vận hành chính quyền địa phương hai cấp, hồ sơ đúng hạn tăng rõ rệt, người cao tuổi được phục vụ tại nhà.",
    ),
    (
        "Câu chuyện dòng họ hiếu học ở {xa}",
        "Quỹ khuyến học của một dòng họ ở {xa} đã trao {n} suất quà cho học sinh vượt khó, suất lớn nhất {m} triệu đồng.",
    ),
];

/// The same frame every time, with other figures: never one story.
const BULLETINS: Samples = &[
    (
        "Giá nông sản: cà phê {n} nghìn đồng, lúa {m} trăm đồng một kí",
        "Bản tin giá nông sản: cà phê nhân xô {n}.000 đồng/kg, lúa tươi {m}00 đồng/kg, giá thu mua tại kho chưa gồm vận chuyển.",
    ),
    (
        "Dự báo thời tiết ngày thứ {n} của đợt lạnh",
        "Bắc Bộ trời rét, có lúc mưa phùn, vùng núi {m} độ; Nam Bộ nắng, chiều tối có mưa rào rải rác. Ngày thứ {n} của đợt lạnh.",
    ),
    ("Tin vắn số {n}", "Điểm {m} tin đáng chú ý trong ngày ở các xã, phường."),
];

/// The piece with this number.
pub fn piece(number: usize) -> Piece {
    let turn = number / KINDS.len();
    let Some(kind) = KINDS.get(number % KINDS.len()) else {
        return Piece { number, title: String::new(), teaser: String::new(), desks: Vec::new() };
    };
    let samples = kind.samples();
    // Each kind goes round its samples, and each sample round the communes, at different speeds.
    let sample = samples.get((turn + number) % samples.len()).copied().unwrap_or_default();
    let commune = COMMUNES.get((number * 7 + turn) % COMMUNES.len()).copied().unwrap_or_default();
    let (n, m) = ((number * 13) % 89 + 11, (number * 5) % 17 + 3);
    // 13 and 89 have no common factor, so the figure alone keeps the pieces of a round apart, and the hundreds keep the
    // rounds apart.
    let n = n + number / 89 * 100;
    let fill = |text: &str| text.replace("{xa}", commune).replace("{n}", &n.to_string()).replace("{m}", &m.to_string());
    Piece { number, title: fill(sample.0), teaser: fill(sample.1), desks: kind.desks(number) }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    FollowingUncle,
    Wire,
    City,
    Other,
    Bulletin,
    Section,
    Commune,
}

/// The order of the day.
const KINDS: [Kind; 12] = [
    Kind::FollowingUncle,
    Kind::City,
    Kind::Other,
    Kind::Wire,
    Kind::Bulletin,
    Kind::FollowingUncle,
    Kind::Other,
    Kind::Section,
    Kind::Wire,
    Kind::Other,
    Kind::FollowingUncle,
    Kind::Commune,
];

impl Kind {
    fn samples(self) -> Samples {
        match self {
            Kind::FollowingUncle | Kind::Section | Kind::Commune => FOLLOWING_UNCLE,
            Kind::Wire => WIRE,
            Kind::City => CITY,
            Kind::Other => OTHERS,
            Kind::Bulletin => BULLETINS,
        }
    }

    fn desks(self, number: usize) -> Vec<&'static str> {
        let local = |offset: usize| LOCAL.get((number + offset) % LOCAL.len()).copied().unwrap_or("lua-vang");
        match self {
            Kind::FollowingUncle | Kind::Other => vec![local(0)],
            // The agency writes it; two papers and sometimes the centre reprint it.
            Kind::Wire if number.is_multiple_of(2) => vec!["thong-tan", local(1), local(4), "trung-uong"],
            Kind::Wire => vec!["thong-tan", local(2), local(5)],
            Kind::City => vec!["phuong-nam"],
            Kind::Bulletin => vec!["uy-ban", "lua-vang"],
            Kind::Section => vec!["chuyen-muc"],
            Kind::Commune => vec!["mot-xa", "lua-vang"],
        }
    }
}

impl Piece {
    /// How a desk prints it: reprints change the headline or add a mark, as papers do.
    pub fn at(&self, desk: &str) -> (String, String) {
        let position = self.desks.iter().position(|d| *d == desk).unwrap_or(0);
        match position {
            0 => (self.title.clone(), self.teaser.clone()),
            1 => (self.title.clone(), format!("(TTM) - {}", self.teaser)),
            _ => (format!("{} | Tin trong nước", self.title), self.teaser.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn pieces_do_not_repeat_and_every_desk_has_some() {
        let pieces: Vec<Piece> = (0..2_000).map(piece).collect();
        let texts: BTreeSet<(&str, &str)> = pieces.iter().map(|p| (p.title.as_str(), p.teaser.as_str())).collect();
        assert_eq!(texts.len(), pieces.len());
        assert!(texts.iter().all(|(title, teaser)| !title.contains('{') && !teaser.contains('{')));
        let desks: BTreeSet<&str> = pieces.iter().take(60).flat_map(|p| p.desks.iter().copied()).collect();
        assert_eq!(desks, super::super::DESKS.iter().map(|d| d.id).collect());
    }
}
