//! What the model says of one customer: reference numbers by the paper's closed forms, which
//! subtract gamma functions, to 40 digits.

use leadfold_clv::{BgBb, OccasionPatterns, Occasions};

use crate::gold::assert_close;

const DONORS: BgBb = BgBb {
    alpha: 1.203_522_351_601_914,
    beta: 0.749_716_358_172_939,
    gamma: 0.656_718_208_441_832,
    delta: 2.783_442_232_577_381,
};

#[test]
fn five_donors_are_exact() {
    for (x, t_x, alive, expected, log) in [
        (0, 0, 0.108_133_281_864_669_32, 0.130_218_088_403_300_74, -1.167_517_102_923_086_3),
        (4, 5, 0.696_800_110_733_340_9, 3.627_967_656_236_054, -5.095_581_052_291_487),
        (6, 6, 0.930_433_575_515_488_9, 6.706_378_381_475_298, -2.181_673_492_704_069),
        (1, 1, 0.069_461_807_373_092_46, 0.153_151_519_729_150_28, -2.288_827_586_990_014),
        (3, 5, 0.766_825_995_627_223_1, 3.225_283_979_843_889_4, -5.615_767_444_958_59),
    ] {
        let name = format!("x = {x}, t_x = {t_x}");
        let possible = "it is possible";
        assert_close(DONORS.p_alive(x, t_x, 6).expect(possible), alive, 1e-14, &name);
        assert_close(DONORS.expected(x, t_x, 6, 10).expect(possible), expected, 1e-14, &name);
        let one = OccasionPatterns::new([Occasions { x, t_x, n: 6, customers: 1 }]);
        assert_close(DONORS.log_likelihood(&one.expect(possible)), log, 1e-14, &name);
    }
    assert_close(DONORS.expected_of_new(10), 3.179_829_028_132_635, 1e-14, "a new donor");
}
