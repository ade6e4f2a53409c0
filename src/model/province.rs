//! The 34 provinces and cities of July 2025, and the units merged into them.
//!
//! Whether a unit is a province or a centrally-run city is not here: it changes (three units became cities in 2026
//! alone) and nothing depends on it. Order as in the National Assembly's resolution of 12 June 2025.

/// A province or centrally-run city (địa phương).
#[derive(Debug, PartialEq, Eq)]
pub struct Province {
    /// Its slug in files and addresses.
    pub id: &'static str,
    /// Its name, without "tỉnh" or "thành phố" unless the name needs it.
    pub name: &'static str,
    /// Slugs and names of the former provinces that it took in: reports of before July 2025, and many of after, name those.
    pub former: &'static [(&'static str, &'static str)],
}

/// All of them.
pub const ALL: [Province; 34] = [
    Province { id: "ha-noi", name: "Hà Nội", former: &[] },
    Province { id: "hue", name: "Huế", former: &[] },
    Province { id: "lai-chau", name: "Lai Châu", former: &[] },
    Province { id: "dien-bien", name: "Điện Biên", former: &[] },
    Province { id: "son-la", name: "Sơn La", former: &[] },
    Province { id: "lang-son", name: "Lạng Sơn", former: &[] },
    Province { id: "quang-ninh", name: "Quảng Ninh", former: &[] },
    Province { id: "thanh-hoa", name: "Thanh Hoá", former: &[] },
    Province { id: "nghe-an", name: "Nghệ An", former: &[] },
    Province { id: "ha-tinh", name: "Hà Tĩnh", former: &[] },
    Province { id: "cao-bang", name: "Cao Bằng", former: &[] },
    Province { id: "tuyen-quang", name: "Tuyên Quang", former: &[("ha-giang", "Hà Giang")] },
    Province { id: "lao-cai", name: "Lào Cai", former: &[("yen-bai", "Yên Bái")] },
    Province { id: "thai-nguyen", name: "Thái Nguyên", former: &[("bac-kan", "Bắc Kạn")] },
    Province { id: "phu-tho", name: "Phú Thọ", former: &[("vinh-phuc", "Vĩnh Phúc"), ("hoa-binh", "Hoà Bình")] },
    Province { id: "bac-ninh", name: "Bắc Ninh", former: &[("bac-giang", "Bắc Giang")] },
    Province { id: "hung-yen", name: "Hưng Yên", former: &[("thai-binh", "Thái Bình")] },
    Province { id: "hai-phong", name: "Hải Phòng", former: &[("hai-duong", "Hải Dương")] },
    Province { id: "ninh-binh", name: "Ninh Bình", former: &[("ha-nam", "Hà Nam"), ("nam-dinh", "Nam Định")] },
    Province { id: "quang-tri", name: "Quảng Trị", former: &[("quang-binh", "Quảng Bình")] },
    Province { id: "da-nang", name: "Đà Nẵng", former: &[("quang-nam", "Quảng Nam")] },
    Province { id: "quang-ngai", name: "Quảng Ngãi", former: &[("kon-tum", "Kon Tum")] },
    Province { id: "gia-lai", name: "Gia Lai", former: &[("binh-dinh", "Bình Định")] },
    Province { id: "khanh-hoa", name: "Khánh Hoà", former: &[("ninh-thuan", "Ninh Thuận")] },
    Province {
        id: "lam-dong", name: "Lâm Đồng", former: &[("dak-nong", "Đắk Nông"), ("binh-thuan", "Bình Thuận")]
    },
    Province { id: "dak-lak", name: "Đắk Lắk", former: &[("phu-yen", "Phú Yên")] },
    Province {
        id: "ho-chi-minh",
        name: "Thành phố Hồ Chí Minh",
        former: &[("binh-duong", "Bình Dương"), ("ba-ria-vung-tau", "Bà Rịa - Vũng Tàu")],
    },
    Province { id: "dong-nai", name: "Đồng Nai", former: &[("binh-phuoc", "Bình Phước")] },
    Province { id: "tay-ninh", name: "Tây Ninh", former: &[("long-an", "Long An")] },
    Province {
        id: "can-tho", name: "Cần Thơ", former: &[("soc-trang", "Sóc Trăng"), ("hau-giang", "Hậu Giang")]
    },
    Province { id: "vinh-long", name: "Vĩnh Long", former: &[("ben-tre", "Bến Tre"), ("tra-vinh", "Trà Vinh")] },
    Province { id: "dong-thap", name: "Đồng Tháp", former: &[("tien-giang", "Tiền Giang")] },
    Province { id: "ca-mau", name: "Cà Mau", former: &[("bac-lieu", "Bạc Liêu")] },
    Province { id: "an-giang", name: "An Giang", former: &[("kien-giang", "Kiên Giang")] },
];

/// The unit with this slug.
pub fn find(id: &str) -> Option<&'static Province> {
    ALL.iter().find(|p| p.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_unit_and_every_former_one_stands_once() {
        let ids: BTreeSet<&str> =
            ALL.iter().map(|p| p.id).chain(ALL.iter().flat_map(|p| p.former.iter().map(|(id, _)| *id))).collect();
        assert_eq!(ids.len(), ALL.iter().map(|p| 1 + p.former.len()).sum::<usize>());
        assert_eq!(find("hue").map(|p| p.name), Some("Huế"));
    }
}
