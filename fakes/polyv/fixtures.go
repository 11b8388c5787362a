package polyv

import (
	"math/rand/v2"
	"strconv"
)

// The objects that the page's samples name, for the default tenant. Each belongs to
// the user whose id its vid begins with (CONTRACTS section 2, default tenant).

// pageCategory is the category of the sizes sample. It holds that sample's two
// videos and nothing else, so that the call answers as printed.
const (
	pageCategory = 1458806129324
	besideIt     = 1458806150001 // one more with a fixed id: somewhere to move it to
)

// Videos of the page; the two of the sizes sample have their printed values, the
// others last long enough for the clip sample, which ends at 236 seconds.
const (
	vidSized1 = "8205ac89d3d5c47690b01f2f08a4c91f_8"
	vidSized2 = "8205ac89d30d552b2f188c94515f4db6_8"
	vidExam   = "8205ac89d31c8c74e462548a2edd7dff_8"
	vidDanmu  = "sl8da4jjbx1c8baed8a48212d735d905_s"
)

func pageVideos() map[string][]Video {
	return map[string][]Video{
		"8205ac89d3": {
			{Vid: vidSized1, Title: "产品介绍(上)", Category: pageCategory, Seconds: 214, Sizes: [3]int64{8749719, 15676091, 35003810}},
			{Vid: vidSized2, Title: "产品介绍(下)", Category: pageCategory, Seconds: 37, Sizes: [3]int64{1360064, 3229714, 4606271}},
			{Vid: vidExam, Title: "随堂测验", Category: rootCategory, Seconds: 1830, Sizes: sizes(1830), Authplay: true},
		},
		"3828390191": {
			{Vid: "382839019131be68715e9455f8d0971a_3", Title: "完整版", Category: rootCategory, Seconds: 312, Sizes: sizes(312)},
			{Vid: "3828390191de2b3fd3467c36187aac08_3", Title: "授权播放", Category: rootCategory, Seconds: 645, Sizes: sizes(645), Authplay: true},
		},
		"2d939377c2": {
			{Vid: "2d939377c23a37d2b0a2428006755627_2", Title: "第一讲", Category: rootCategory, Seconds: 2700, Sizes: sizes(2700)},
			{Vid: "2d939377c23ebcfe8b4ff3dadcabfbbf_2", Title: "第二讲", Category: rootCategory, Seconds: 2655, Sizes: sizes(2655)},
		},
		"sl8da4jjbx": {
			{Vid: vidDanmu, Title: "弹幕测试", Category: rootCategory, Seconds: 480, Sizes: sizes(480)},
		},
	}
}

// sizes are bytes of a video of that many seconds, at the bit rates of the page's
// first sizes sample.
func sizes(seconds int64) [3]int64 {
	return [3]int64{seconds * 40887, seconds * 73253, seconds * 163569}
}

// pageDanmu are the 28 danmu of sl8da4jjbx: the two of the list's sample and 26
// before them, so that numPerPage=2 answers as printed.
func pageDanmu(u *User, r *rand.Rand) []Danmu {
	const lastID, lastTime, hour = 37470, 1528106632000, 3_600_000
	var out []Danmu
	for i := int64(26); i > 0; i-- {
		vid := vidDanmu
		if i%3 == 0 {
			vid = pick(r, u.Videos[1:]).Vid
		}
		out = append(out, Danmu{
			ID: lastID - i*41, Vid: vid, Msg: pick(r, danmuTexts()), At: r.Int64N(u.videos[vid].Seconds),
			Color: pick(r, danmuColors()), Time: lastTime - i*7*hour,
		})
	}
	return append(out,
		Danmu{ID: lastID, Vid: vidDanmu, Msg: "藏族自治州", At: 20, Time: lastTime},
		Danmu{ID: 43030, Vid: vidDanmu, Msg: "Iui", At: 55, Size: "4294967320", Time: 1529394571000})
}

// pageTasks are the two tasks of 8205ac89d3: the list's sample, and the one whose
// deletion the page shows. The page listed after it had deleted, so that the list
// answers as printed once o0IdvYDm4S is gone.
func pageTasks() []GrabTask {
	row := func(task string, n int, vid, title string) GrabRow {
		return GrabRow{Vid: vid, Title: title, File: task + "-" + strconv.Itoa(n) + ".mp4", Status: "Y"}
	}
	ended, ended2 := int64(1522286706000), int64(1527228031000)
	return []GrabTask{
		{
			ID: "hHepZ2SjlE", Name: "111.csv", File: "1522286666296.csv", Category: rootCategory, CategoryName: rootName(),
			Status: "Y", Created: 1522286672000, Ended: &ended,
			Rows: []GrabRow{row("hHepZ2SjlE", 1, vidExam, "随堂测验"), row("hHepZ2SjlE", 2, vidSized1, "产品介绍(上)")},
		},
		{
			ID: "o0IdvYDm4S", Name: "222.csv", File: "1527227994310.csv", Category: rootCategory, CategoryName: rootName(),
			Status: "Y", Created: 1527228000000, Ended: &ended2,
			Rows: []GrabRow{row("o0IdvYDm4S", 1, vidSized2, "产品介绍(下)")},
		},
	}
}

// pageLog is the exam log's sample; its video has no other.
func pageLog() ExamLog {
	return ExamLog{
		ID: 27595105, ExamID: "161d7dda0e4", Vid: vidExam, Question: "test(2)", Answer: `["1"]`,
		PlayID: "1519745038760X1487381", IP: "61.144.145.7", Province: "广东省", ISP: "电信",
		OS: "Windows 7", Browser: "Chrome", Added: 1519745103000,
	}
}
