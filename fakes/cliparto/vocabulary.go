package cliparto

// The vocabulary of licenses and sizes is assumed; the contract document lists it.

func licenses() []string { return []string{"standard", "extended"} }

func sizes() []string { return []string{"XS", "S", "M", "L", "XL", "XXL"} }

// extendedFrom is the position in sizes of the smallest one with an extended license.
const extendedFrom = 3

// prices is what the author earns by a standard license, in cents, in the order of sizes.
func prices() []int64 { return []int64{35, 70, 140, 210, 280, 350} }

// extendedPrice is what the author earns by an extended license of any size, in cents.
const extendedPrice = 1750

// Word lists of generated titles and search queries.

func adjectives() []string {
	return []string{"red", "green", "golden", "old", "small", "bright", "wild", "quiet", "fresh", "wooden", "snowy", "rusty"}
}

func subjects() []string {
	return []string{
		"apple", "lighthouse", "fox", "bicycle", "mountain lake", "coffee cup", "sunflower", "harbour", "farm house",
		"sailing boat", "bridge", "tomato", "owl", "train station", "waterfall", "violin",
	}
}

func settings() []string {
	return []string{"on a white background", "at sunset", "in the morning mist", "in autumn", "under a blue sky", "seen from above", "close up"}
}

// countries is where buyers come from, the frequent ones more than once.
func countries() []string {
	return []string{"RU", "RU", "RU", "US", "US", "DE", "DE", "UA", "GB", "FR", "PL", "KZ", "CA", "JP", "BR", "IT", "NL", "AU"}
}
