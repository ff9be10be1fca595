package diagnose

import "duplex/bridge/sign"

// modelArtsRules explain the error codes of the ModelArts dispatcher, which is between API
// gateway and container. Source: the error code tables and troubleshooting pages of the
// ModelArts manuals, old and new generation.
var modelArtsRules = []rule{
	{"modelarts_no_token", when(ActionEditAuth, gateway("ModelArts.0201"))},
	{"token_expired", whenToken(gateway("ModelArts.0202", "APIG.0307"))},
	{"modelarts_token_of_other_account", when(ActionEditAuth, gateway("ModelArts.0203"))},
	{"modelarts_token_without_project", when(ActionEditAuth, gateway("ModelArts.0204", "ModelArts.0212"), says("project"))},
	{"modelarts_token_unreadable", when(ActionEditAuth, gateway("ModelArts.0204"))},
	{"token_other_region", when(ActionEditAuth, either(gateway("ModelArts.0207"), freshTokenUnreadable))},
	{"modelarts_no_app_header", when(ActionEditAuth, gateway("ModelArts.0205", "ModelArts.0206", "ModelArts.0208"))},
	{"modelarts_wrong_address_for_app", when("", gateway("ModelArts.0209", "ModelArts.0210"))},
	{"modelarts_body_too_large", when("", gateway("ModelArts.4104"))},
	{"modelarts_no_service_id", when("", gateway("ModelArts.4201"))},
	{"modelarts_not_started", when(ActionReconnect, gateway("ModelArts.4203"))},
	{"modelarts_not_subscribed", when("", gateway("ModelArts.4204"))},
	{"modelarts_timeout", when(ActionReconnect, gateway("ModelArts.4205"))},
	{"modelarts_rate_limit", when(ActionReconnect, gateway("ModelArts.4206"))},
	{"modelarts_container_refused", when(ActionReconnect, gateway("ModelArts.4302"))},
	{"modelarts_backend_lost", when(ActionReconnect, gateway("ModelArts.4503"))},
	{"modelarts_unreachable", when(ActionReconnect, gateway("ModelArts.8909"))},
	{"modelarts_protocol_mismatch", when("", gateway("ModelArts.8910"))},
	{"modelarts_response_timeout", when(ActionReconnect, gateway("CF2.E00003"))},
}

// freshTokenUnreadable holds for a new token from IAM that the gateway cannot decrypt. It is
// complete and has not expired, so it is from another region.
func freshTokenUnreadable(c *clues) bool {
	return kind(sign.KindIAMPassword)(c) && gateway("APIG.0301")(c) && says("decrypt token fail")(c)
}
