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
    /// Slugs of the former provinces that it took in.
    pub former: &'static [&'static str],
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
    Province { id: "tuyen-quang", name: "Tuyên Quang", former: &["ha-giang"] },
    Province { id: "lao-cai", name: "Lào Cai", former: &["yen-bai"] },
    Province { id: "thai-nguyen", name: "Thái Nguyên", former: &["bac-kan"] },
    Province { id: "phu-tho", name: "Phú Thọ", former: &["vinh-phuc", "hoa-binh"] },
    Province { id: "bac-ninh", name: "Bắc Ninh", former: &["bac-giang"] },
    Province { id: "hung-yen", name: "Hưng Yên", former: &["thai-binh"] },
    Province { id: "hai-phong", name: "Hải Phòng", former: &["hai-duong"] },
    Province { id: "ninh-binh", name: "Ninh Bình", former: &["ha-nam", "nam-dinh"] },
    Province { id: "quang-tri", name: "Quảng Trị", former: &["quang-binh"] },
    Province { id: "da-nang", name: "Đà Nẵng", former: &["quang-nam"] },
    Province { id: "quang-ngai", name: "Quảng Ngãi", former: &["kon-tum"] },
    Province { id: "gia-lai", name: "Gia Lai", former: &["binh-dinh"] },
    Province { id: "khanh-hoa", name: "Khánh Hoà", former: &["ninh-thuan"] },
    Province { id: "lam-dong", name: "Lâm Đồng", former: &["dak-nong", "binh-thuan"] },
    Province { id: "dak-lak", name: "Đắk Lắk", former: &["phu-yen"] },
    Province { id: "ho-chi-minh", name: "Thành phố Hồ Chí Minh", former: &["binh-duong", "ba-ria-vung-tau"] },
    Province { id: "dong-nai", name: "Đồng Nai", former: &["binh-phuoc"] },
    Province { id: "tay-ninh", name: "Tây Ninh", former: &["long-an"] },
    Province { id: "can-tho", name: "Cần Thơ", former: &["soc-trang", "hau-giang"] },
    Province { id: "vinh-long", name: "Vĩnh Long", former: &["ben-tre", "tra-vinh"] },
    Province { id: "dong-thap", name: "Đồng Tháp", former: &["tien-giang"] },
    Province { id: "ca-mau", name: "Cà Mau", former: &["bac-lieu"] },
    Province { id: "an-giang", name: "An Giang", former: &["kien-giang"] },
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
            ALL.iter().map(|p| p.id).chain(ALL.iter().flat_map(|p| p.former.iter().copied())).collect();
        assert_eq!(ids.len(), ALL.iter().map(|p| 1 + p.former.len()).sum::<usize>());
        assert_eq!(find("hue").map(|p| p.name), Some("Huế"));
    }
}
