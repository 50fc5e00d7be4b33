<?php
/**
 * Plugin Name:       Telltale
 * Description:       Puts the Telltale tag into every page, and tells checkouts and orders of WooCommerce.
 * Version:           1.0.0
 * Requires at least: 5.9
 * Requires PHP:      7.4
 * License:           MIT
 * Text Domain:       telltale
 */

defined( 'ABSPATH' ) || exit;

/** Address of the server and id of the site; empty strings until they are entered. */
function telltale_settings() {
	return wp_parse_args( get_option( 'telltale', array() ), array( 'host' => '', 'site' => '' ) );
}

/** Whoever looks after the website is no visitor. */
function telltale_counts_visitor() {
	$settings = telltale_settings();
	return '' !== $settings['host'] && '' !== $settings['site'] && ! current_user_can( 'manage_options' );
}

/** One call of the tracker, safe inside of a script element. It may stand before the tag: calls wait for it. */
function telltale_call( $event, $props ) {
	$arguments = array( 'track', $event, (object) $props );
	$json      = wp_json_encode( $arguments, JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES );
	wp_print_inline_script_tag(
		'window.telltale=window.telltale||function(){(telltale.q=telltale.q||[]).push(arguments)};' .
		'telltale.apply(null,' . $json . ');'
	);
}

add_action(
	'wp_head',
	function () {
		if ( ! telltale_counts_visitor() ) {
			return;
		}
		$settings = telltale_settings();
		wp_print_script_tag(
			array(
				'defer' => true,
				'src'   => esc_url( $settings['host'] . '/t/' . $settings['site'] . '.js' ),
			)
		);
		if ( function_exists( 'WC' ) && is_checkout() && ! is_order_received_page() && WC()->cart && ! WC()->cart->is_empty() ) {
			telltale_call(
				'begin_checkout',
				array(
					'value'    => (float) WC()->cart->get_total( 'edit' ),
					'currency' => get_woocommerce_currency(),
				)
			);
		}
	}
);

add_action(
	'woocommerce_thankyou',
	function ( $order_id ) {
		$order = wc_get_order( $order_id );
		// The page of an order is opened again, to print it or from the mail: it is told once.
		if ( ! $order || ! telltale_counts_visitor() || $order->get_meta( '_telltale_told' ) ) {
			return;
		}
		$order->update_meta_data( '_telltale_told', '1' );
		$order->save();
		telltale_call(
			'purchase',
			array(
				'transaction_id' => (string) $order->get_order_number(),
				'value'          => (float) $order->get_total(),
				'currency'       => $order->get_currency(),
			)
		);
	}
);

/** What may be stored: an address without a path at its end, and the letters and digits of an id. */
function telltale_sanitize( $input ) {
	$host = isset( $input['host'] ) ? esc_url_raw( trim( $input['host'] ), array( 'http', 'https' ) ) : '';
	$site = isset( $input['site'] ) ? preg_replace( '/[^a-z0-9]/', '', strtolower( $input['site'] ) ) : '';
	return array( 'host' => untrailingslashit( $host ), 'site' => $site );
}

add_action(
	'admin_init',
	function () {
		register_setting( 'telltale', 'telltale', array( 'sanitize_callback' => 'telltale_sanitize' ) );
	}
);

add_action(
	'admin_menu',
	function () {
		add_options_page( 'Telltale', 'Telltale', 'manage_options', 'telltale', 'telltale_settings_page' );
	}
);

function telltale_settings_page() {
	$settings = telltale_settings();
	?>
	<div class="wrap">
		<h1>Telltale</h1>
		<form method="post" action="options.php">
			<?php settings_fields( 'telltale' ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="telltale-host"><?php esc_html_e( 'Address of Telltale', 'telltale' ); ?></label></th>
					<td><input id="telltale-host" class="regular-text" type="url" name="telltale[host]" placeholder="https://stats.example.com" value="<?php echo esc_attr( $settings['host'] ); ?>"></td>
				</tr>
				<tr>
					<th scope="row"><label for="telltale-site"><?php esc_html_e( 'Site id', 'telltale' ); ?></label></th>
					<td><input id="telltale-site" class="regular-text" type="text" name="telltale[site]" value="<?php echo esc_attr( $settings['site'] ); ?>"></td>
				</tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}
