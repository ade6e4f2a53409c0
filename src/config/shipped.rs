//! The topics that come with the program, built in for commands that run without a configuration.

use super::{File, FileKind};

/// The files of `config/topics/`, in their order.
const TOPICS: [(&str, &str); 12] = [
    ("00-nhom-cum-tu.toml", include_str!("../../config/topics/00-nhom-cum-tu.toml")),
    ("10-hoc-tap-va-lam-theo-bac.toml", include_str!("../../config/topics/10-hoc-tap-va-lam-theo-bac.toml")),
    ("20-xay-dung-dang.toml", include_str!("../../config/topics/20-xay-dung-dang.toml")),
    ("30-phong-chong-tham-nhung.toml", include_str!("../../config/topics/30-phong-chong-tham-nhung.toml")),
    ("40-chuyen-doi-so.toml", include_str!("../../config/topics/40-chuyen-doi-so.toml")),
    ("50-nong-thon-moi.toml", include_str!("../../config/topics/50-nong-thon-moi.toml")),
    ("60-sap-xep-bo-may.toml", include_str!("../../config/topics/60-sap-xep-bo-may.toml")),
    ("70-bao-ve-nen-tang-tu-tuong.toml", include_str!("../../config/topics/70-bao-ve-nen-tang-tu-tuong.toml")),
    ("80-dai-doan-ket.toml", include_str!("../../config/topics/80-dai-doan-ket.toml")),
    ("85-quoc-hoi-hdnd.toml", include_str!("../../config/topics/85-quoc-hoi-hdnd.toml")),
    ("90-an-sinh-xa-hoi.toml", include_str!("../../config/topics/90-an-sinh-xa-hoi.toml")),
    ("95-phong-chong-thien-tai.toml", include_str!("../../config/topics/95-phong-chong-thien-tai.toml")),
];

/// `config/topics/`, as built in.
pub fn topics() -> Vec<File> {
    TOPICS
        .iter()
        .map(|(name, text)| File {
            name: format!("(có sẵn · built in) topics/{name}"),
            kind: FileKind::Topic,
            text: (*text).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Evidence;

    #[test]
    fn every_shipped_topic_is_built_in_and_without_mistake() {
        let mut files: Vec<String> = std::fs::read_dir("config/topics")
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, TOPICS.map(|(name, _)| name.to_owned()));
        let rules = super::super::read_topics(&topics()).unwrap_or_else(|m| panic!("{m:#?}"));
        assert_eq!(rules.topics().len(), TOPICS.len() - 1, "one file has groups only");
    }

    /// Of each topic: plain headlines that are in it, and some that only share its words.
    const HEADLINES: [(&str, &[&str], &[&str]); 11] = [
        (
            "hoc-tap-va-lam-theo-bac",
            &[
                "Mười năm học Bác ở một xã vùng cao",
                "Đưa Chỉ thị 05-CT/TW vào từng chi bộ",
                "Học tập, thực hành tư tưởng, đạo đức, phương pháp, phong cách Hồ Chí Minh",
                "Tuyên dương thanh niên tiên tiến làm theo lời Bác",
                "Nhớ lời Bác dặn, phụ nữ xã Bến Lúa góp gạo mỗi ngày",
                "Già làng học cách nói đi đôi với làm của Bác",
                "TUỔI TRẺ ĐÁ BẠC NOI GƯƠNG BÁC",
                "Hoc tap va lam theo tam guong dao duc Ho Chi Minh",
                "Sơ kết thực hiện Chỉ thị 05 của Bộ Chính trị",
                "Học tập và làm theo Người từ những việc bình dị",
                "Học và làm theo Người",
                "Làm theo lời Người",
                "Thực hiện Di chúc của Chủ tịch Hồ Chí Minh",
                "Hội thi kể chuyện về Bác Hồ",
                "Chỉ thị 05: lan tỏa từ cơ sở",
            ],
            &[
                "Thực hiện Chỉ thị 05 về phòng cháy, chữa cháy ở khu trọ",
                "Toàn dân rèn luyện thân thể theo gương Bác Hồ vĩ đại",
                "Hội thảo khoa học “Hồ Chí Minh và nước Nga”",
                "Đoàn đại biểu báo công dâng Bác",
                "Phát động Tết trồng cây đời đời nhớ ơn Bác Hồ",
                "Nông dân học theo bác hàng xóm trồng nhãn",
                "TP. HCM: sinh viên Đại học Bách khoa học bác sĩ nội trú",
                "Khánh thành tượng đài Chủ tịch Hồ Chí Minh",
                "Tuổi trẻ Đoàn TNCS Hồ Chí Minh tình nguyện mùa hè",
                "Thực hiện Chỉ thị 05 của UBND tỉnh về phòng cháy rừng",
                "Triển khai thực hiện Chỉ thị số 05 của Thủ tướng Chính phủ",
                "Ngân hàng thực hiện Chỉ thị 05 của Ngân hàng Nhà nước",
                "Thực hiện Chỉ thị 05 của Bộ Công an về an toàn giao thông",
                "Thực hiện Chỉ thị số 05-CT/TU về phòng cháy, chữa cháy",
                "Học sinh học theo Bác Giang",
                "Trẻ em hay làm theo người lớn",
            ],
        ),
        (
            "xay-dung-dang",
            &[
                "Trao Huy hiệu 50 năm tuổi Đảng",
                "Kết nạp Đảng cho 25 quần chúng ưu tú",
                "Hội nghị Trung ương 15",
                "Đại hội Đảng toàn quốc lần thứ XIV",
                "Ban Thường vụ Tỉnh ủy về công tác cán bộ",
                "Trao đổi kinh nghiệm xây dựng Đảng với Trung Quốc",
                "Nâng cao chất lượng sinh hoạt chi bộ ở vùng biên",
                "Ông Trần Văn Mẫu giữ chức Phó bí thư Tỉnh ủy",
                "Tỉnh ủy thi hành kỷ luật Đảng hai tổ chức đảng",
                "Bộ Chính trị điều động, phân công cán bộ",
                "Học tập, quán triệt Nghị quyết Đại hội XIV của Đảng",
                "Đảng ủy xã ra mắt sổ tay đảng viên điện tử",
            ],
            &[
                "Trao huy hiệu Tuổi trẻ dũng cảm",
                "Ấn Độ: đảng viên mới của BJP",
                "Trung Quốc khai trừ Đảng hai tướng",
                "Hội nghị Trung ương Đoàn lần thứ ba",
                "Bí thư Tỉnh ủy thăm vùng lũ",
                "Bí thư Đoàn phường hiến máu 30 lần",
                "Thượng nghị sĩ Đảng Cộng hòa bỏ phiếu chống",
                "Giải chạy chào mừng Đại hội Đảng",
                "Hội nghị tư vấn tuyển sinh",
                "Cách chức hiệu trưởng vì lạm thu",
                "Phó bí thư Thành ủy làm việc với doanh nghiệp gỗ",
            ],
        ),
        (
            "phong-chong-tham-nhung",
            &[
                "Xét xử cựu giám đốc sở nhận hối lộ",
                "Thực hành tiết kiệm, chống lãng phí trong đầu tư công",
                "Ban Chỉ đạo phòng, chống tham nhũng tỉnh họp phiên thứ ba",
                "Nguyên chủ tịch huyện bị bắt",
                "Thanh tra tỉnh chỉ ra nhiều sai phạm tại dự án chợ mới",
                "Kê khai tài sản, thu nhập của người có chức vụ",
                "Khởi tố cán bộ hải quan lợi dụng chức vụ, quyền hạn",
                "Trụ sở bỏ hoang, nguy cơ gây lãng phí tài sản công",
                "Kiểm toán Nhà nước kiến nghị thu hồi 200 tỷ đồng",
            ],
            &[
                "Hàn Quốc xét xử cựu tổng thống nhận hối lộ",
                "Xét xử vụ tham ô ở Nhật Bản",
                "Chống lãng phí nước sạch trong gia đình",
                "Tiền đạo lãng phí cơ hội ngon ăn",
                "Nhân viên cửa hàng tham ô tiền của công ty",
                "Lừa chạy án, chiếm đoạt 500 triệu đồng",
                "Ukraine điều tra tham nhũng ngành điện",
                "Ông Nguyễn Văn Mẫu làm Phó Tổng Thanh tra Chính phủ",
                "Vượt qua suy nghĩ tiêu cực",
                "Cục Cảnh sát điều tra tội phạm về tham nhũng bắt trùm hàng giả",
            ],
        ),
        (
            "chuyen-doi-so",
            &[
                "Chuyển đổi số, người dân hưởng lợi",
                "Chuyển đổi số: 10 năm nhìn lại",
                "Tổ công tác Đề án 06 của tỉnh họp phiên đầu năm",
                "Phát triển kinh tế số ở vùng cao",
                "Xã vùng cao ra mắt tổ công nghệ số cộng đồng",
                "Triển khai Nghị quyết 57-NQ/TW ở tỉnh miền núi",
                "Nộp hồ sơ qua VNeID từ tháng này",
                "Lớp bình dân học vụ số ở chợ quê",
                "Tỷ lệ dịch vụ công trực tuyến tăng mạnh",
            ],
            &[
                "Kinh tế số 1 thế giới gặp khó",
                "Nền kinh tế số hai thế giới",
                "Công dân số 1 của thành phố",
                "Hạ tầng số 5 quận",
                "Dữ liệu số người mắc cúm",
                "Xã hội số ca mắc giảm",
                "Chuyển đổi số điện thoại 11 số",
                "Ngân hàng chuyển đổi số tài khoản",
                "Đề án 06 của tỉnh về trồng rừng",
                "Bộ Khoa học và Công nghệ bổ nhiệm cán bộ",
                "Hãng chip Mỹ ra mắt trung tâm dữ liệu",
            ],
        ),
        (
            "nong-thon-moi",
            &[
                "Nông thôn mới nổi bật ở một huyện miền núi",
                "Xã đạt chuẩn nông thôn mới",
                "Thêm 12 sản phẩm OCOP bốn sao",
                "Khu dân cư kiểu mẫu bên sông",
                "Xã về đích NTM nâng cao",
                "Giảm nghèo bền vững ở vùng cao",
                "Người dân hiến đất làm đường giao thông nông thôn",
                "Hợp nhất ba chương trình mục tiêu quốc gia",
                "Làng quê đáng sống ở hạ lưu",
            ],
            &[
                "Nông thôn mới nổi: thị trường bất động sản",
                "Nông dân Pháp biểu tình",
                "Chương trình mục tiêu quốc gia về phát triển văn hóa",
                "Giá nông sản tăng trở lại",
                "Siêu thị bán đặc sản ba miền",
                "Khu đô thị kiểu mẫu mở bán",
                "Làng đại học sắp có ký túc xá",
                "Quê hương trong thơ ông",
                "Cả thế giới đã thoát nghèo?",
            ],
        ),
        (
            "sap-xep-bo-may",
            &[
                "Tinh giản biên chế gắn với sắp xếp tổ chức bộ máy",
                "Xã mới sau sáp nhập đơn giản hóa thủ tục hành chính",
                "Chính quyền địa phương hai cấp vận hành thông suốt",
                "Cải cách thủ tục hành chính ở trung tâm phục vụ hành chính công",
                "Xử lý trụ sở dôi dư sau sắp xếp",
                "Sắp xếp thôn, tổ dân phố",
                "Điều động 40 công chức về xã",
                "Sáp nhập hai trường cao đẳng của tỉnh",
                "Phân cấp, phân quyền cho cấp xã",
                "Biệt phái 20 viên chức về các xã vùng cao",
                "Hai đại học của tỉnh sáp nhập",
            ],
            &[
                "Tinh giản biên chế ở Google",
                "Hợp nhất tỉnh bang ở Canada",
                "Nghiên cứu sáp nhập xã ở Nhật Bản",
                "Ngân hàng sau sáp nhập thay đổi thủ tục hành chính",
                "Bộ máy đồng hồ Thụy Sĩ",
                "Giải thể thao học sinh",
                "Cướp ở một cửa hàng vàng",
                "Đề thi lớp 10 sau sáp nhập",
                "Hai tập đoàn sáp nhập, cổ phiếu tăng",
                "Giải quyết chế độ BHXH trong một ngày",
            ],
        ),
        (
            "bao-ve-nen-tang-tu-tuong",
            &[
                "Bảo vệ nền tảng tư tưởng của Đảng trong tình hình mới",
                "Phản bác luận điệu xuyên tạc về Đại hội XIV",
                "Ban Chỉ đạo 35 tỉnh sơ kết quý",
                "Nhận diện âm mưu diễn biến hòa bình",
                "Đấu tranh với các quan điểm sai trái, thù địch",
                "Cảnh giác chiêu bài đa nguyên, đa đảng",
                "Khởi tố người tuyên truyền chống Nhà nước",
                "Vạch trần luận điệu vu cáo nhân quyền",
                "Ngăn chặn biểu hiện tự diễn biến, tự chuyển hóa",
            ],
            &[
                "Trung Quốc phản bác cáo buộc của G7",
                "Nga tố Mỹ tung luận điệu xuyên tạc",
                "Ca sĩ phản bác tin đồn ly hôn",
                "Tin giả về vỡ đập lan trên mạng",
                "Xuyên tạc vụ án mạng để câu tương tác",
                "Doanh nhân Trần Việt Tân nhận giải",
                "Quân đội Ukraine bác bỏ thông tin rút lui",
                "Rủ nhau chống phá rừng phòng hộ",
                "Huấn luyện viên bác quan điểm đá xấu",
            ],
        ),
        (
            "dai-doan-ket",
            &[
                "Ngày hội Đại đoàn kết toàn dân tộc ở bản Mông",
                "Nhân rộng mô hình dân vận khéo",
                "Mặt trận Tổ quốc tỉnh giám sát việc hỗ trợ người nghèo",
                "Phát huy vai trò người có uy tín, già làng",
                "Đại hội MTTQ Việt Nam xã lần thứ nhất",
                "Chính sách cho đồng bào dân tộc thiểu số",
                "Lãnh đạo tỉnh chúc mừng Giáng sinh các giáo xứ",
                "Đoàn kết lương giáo, xây đời sống mới",
                "Cán bộ Mặt trận lắng nghe dân",
                "Chủ tịch tỉnh: Mặt trận phải gần dân hơn",
            ],
            &[
                "Tiền đạo vắng mặt trận gặp Nepal",
                "Giao tranh dữ dội ở mặt trận phía đông",
                "Ban Tuyên giáo và Dân vận chấn chỉnh âm nhạc",
                "Xung đột tôn giáo ở Ấn Độ",
                "Hoa hậu diện trang phục dân tộc",
                "Báo Đại Đoàn Kết tuyển phóng viên",
                "Mở mặt trận mới trong thương chiến",
                "Nghệ sĩ ủng hộ vùng lũ",
                "THPT Đoàn Kết vô địch giải bóng rổ",
            ],
        ),
        (
            "quoc-hoi-hdnd",
            &[
                "Quốc hội thông qua Luật Đất đai sửa đổi",
                "Khai mạc kỳ họp thứ hai HĐND tỉnh",
                "Đại biểu Quốc hội tiếp xúc cử tri",
                "Bầu cử đại biểu Quốc hội khóa XVI",
                "HĐND thành phố chất vấn giám đốc sở",
                "Cử tri kiến nghị sớm sửa đường",
                "Ủy ban Thường vụ Quốc hội giám sát nhà ở xã hội",
                "Danh sách người ứng cử đại biểu Hội đồng nhân dân",
                "Chủ tịch Quốc hội chủ trì phiên họp",
                "Đại biểu Trần Văn Bình: Nên giảm thuế cho hợp tác xã",
                "Nhiều đại biểu đề nghị lùi thời hạn áp dụng",
            ],
            &[
                "Quốc hội Mỹ chưa thông qua ngân sách",
                "Thủ tướng Thái Lan giải tán quốc hội",
                "Bầu cử tổng thống Hàn Quốc",
                "Cử tri Mỹ đi bỏ phiếu sớm",
                "Thị trưởng đắc cử sau cuộc bầu cử giữa kỳ",
                "Nghị quyết 30/NQ-HĐND hỗ trợ giáo viên",
                "Cấm xe quanh Nhà Quốc hội",
                "Hạ viện Nhật bầu thủ tướng",
                "Bầu cử chủ tịch FIFA",
                "Đại biểu dự Đại hội MTTQ tham quan vườn hoa",
                "Đoàn đại biểu Thái Lan thăm làng gốm",
            ],
        ),
        (
            "an-sinh-xa-hoi",
            &[
                "Chăm lo người có công dịp 27/7",
                "Xóa nhà tạm, nhà dột nát ở huyện biên giới",
                "Tăng lương hưu từ tháng bảy",
                "Khởi công nhà ở xã hội cho công nhân",
                "Cấp thẻ bảo hiểm y tế cho người cao tuổi",
                "Quy tập hài cốt liệt sĩ về nghĩa trang",
                "Phụng dưỡng Mẹ Việt Nam Anh hùng",
                "Bảo hiểm xã hội tự nguyện ở vùng cao",
                "Trợ cấp hưu trí xã hội cho người 75 tuổi",
            ],
            &[
                "Người có công việc ổn định muốn tìm bạn đời",
                "Cháy lớn ở khu chung cư cao cấp",
                "Người đàn ông Ý giả mẹ để lĩnh lương hưu",
                "Khu đô thị mới mở bán biệt thự",
                "Loại lá được ví như nhân sâm của người nghèo",
                "Mỹ cắt trợ cấp cho người nghèo",
                "Giải golf gây quỹ",
                "Cổ phiếu bảo hiểm tăng trần",
                "Bộ Lao động, Thương binh và Xã hội cũ chuyển trụ sở",
            ],
        ),
        (
            "phong-chong-thien-tai",
            &[
                "Bão số 5 hướng vào Quảng Trị",
                "Lũ quét cuốn trôi cầu ở bản xa",
                "Sạt lở bờ sông, di dời 30 hộ",
                "Hạn mặn sớm ở Bến Tre",
                "Diễn tập phòng, chống thiên tai",
                "Áp thấp nhiệt đới vào Biển Đông",
                "Triều cường gây ngập nhiều tuyến đường",
                "Bộ đội giúp dân vùng lũ dựng lại nhà",
                "Siêu bão Yagi áp sát Quảng Ninh",
            ],
            &[
                "Chị em săn hàng trong cơn bão sale",
                "Bão giá khiến bữa cơm eo hẹp",
                "Nam ca sĩ giữa bão dư luận",
                "Hàng vạn người xuống đường đi bão",
                "Hoài bão của cô gái trẻ",
                "Báo số 5 ra mắt bạn đọc",
                "Lũ trẻ trong xóm",
                "Philippines sơ tán dân tránh siêu bão",
                "Bão tuyết ở Mỹ",
                "Lũ lụt ở Pakistan",
                "Phố ngập tràn sắc hoa",
                "Bão chấn thương ở câu lạc bộ",
            ],
        ),
    ];

    #[test]
    fn plain_headlines_fall_into_the_topics_they_are_about() {
        let rules = super::super::read_topics(&topics()).unwrap_or_else(|m| panic!("{m:#?}"));
        for (topic, inside, outside) in HEADLINES {
            let is_in = |title| {
                let evidence = Evidence { title, ..Evidence::default() };
                rules.decide(&evidence).iter().any(|m| m.topic == topic && m.matched())
            };
            for title in inside {
                assert!(is_in(title), "{topic} has {title:?}");
            }
            for title in outside {
                assert!(!is_in(title), "{topic} has not {title:?}");
            }
        }
    }
}
