package qqtube

import "time"

// pageSubmissions are the orders that the vendor's page shows: 1 and 2 under
// "Retrieving all submissions", 123456 under "Retrieving stats". When 123456 was
// added the page does not say; a few hours before its refund_time is assumed.
func pageSubmissions() []*Submission {
	return []*Submission{
		{
			ID: 1, Service: "30", URL: "https://www.youtube.com/watch?v=dQw4w9WgXcQ", Start: 200000, Wanted: 1000, Cost: 60,
			Added:   time.Date(2020, 7, 30, 16, 52, 14, 0, time.UTC),
			Literal: &Literal{Status: statusCompleted, Current: 200001},
		},
		{
			ID: 2, Service: "30", URL: "https://www.youtube.com/watch?v=jofNR_WkoCE", Start: 200000, Wanted: 1000, Cost: 60,
			Added:   time.Date(2020, 7, 30, 16, 56, 40, 0, time.UTC),
			Literal: &Literal{Status: statusInProgress, Current: 200001},
		},
		{
			ID: 123456, Service: "54", URL: "https://www.youtube.com/watch?v=yPslBGjuRL0", Start: 500000, Wanted: 100000, Cost: 1300,
			Added:   time.Date(2021, 12, 30, 18, 0, 0, 0, time.UTC),
			Literal: &Literal{Status: statusInProgress, Current: 580000, Sent: 4000},
		},
	}
}
